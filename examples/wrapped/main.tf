terraform {
  required_providers {
    zenml = {
      source  = "zenml-io/zenml"
      version = "~> 3.0"
    }
  }
}

locals {
  hosts = {
    staging = "zenml-staging.example.com"
    prod    = "zenml.example.com"
  }
}

variable "zenml_api_key" {
  type      = string
  sensitive = true
}

module "zenml" {
  source = "./modules/zenml"

  server_url = "https://${local.hosts["prod"]}/api/v1"
  api_key    = var.zenml_api_key
}
