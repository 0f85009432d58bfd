terraform {
  required_providers {
    zenml = {
      source  = "zenml-io/zenml"
      version = "~> 3.0"
    }
  }
}

variable "zenml_api_key" {
  description = "Key of the service account for Terraform"
  type        = string
  sensitive   = true
}

provider "zenml" {
  server_url = "https://zenml.example.com"
  api_key    = var.zenml_api_key
}

resource "zenml_project" "team" {
  name = "team"
}
