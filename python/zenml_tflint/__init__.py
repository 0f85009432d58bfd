"""A fast, offline linter for the ZenML provider in Terraform and OpenTofu configuration."""
