terraform {
  required_providers {
    zenml = {
      source  = "zenml-io/zenml"
      version = "~> 3.0"
    }
  }
}

locals {
  servers = {
    staging = "https://zenml-staging.example.com"
    prod    = "https://zenml.example.com/api/v1"
  }
}

variable "zenml_api_key" {
  type      = string
  sensitive = true
}

module "zenml" {
  source = "./modules/zenml"

  server_url = local.servers["prod"]
  api_key    = var.zenml_api_key
}
