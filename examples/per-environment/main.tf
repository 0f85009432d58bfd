terraform {
  required_providers {
    zenml = {
      source  = "zenml-io/zenml"
      version = "~> 3.0"
    }
  }
}

variable "zenml" {
  type = object({
    server_url = string
  })
}

variable "zenml_api_key" {
  type      = string
  sensitive = true
}

provider "zenml" {
  server_url = var.zenml.server_url
  api_key    = var.zenml_api_key
}
