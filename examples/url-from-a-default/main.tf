terraform {
  required_providers {
    zenml = {
      source  = "zenml-io/zenml"
      version = "~> 3.0"
    }
  }
}

provider "zenml" {
  server_url = local.server_url
  api_key    = var.zenml_api_key
}

locals {
  server_url = coalesce(var.server_url_override, var.server_url)
}
