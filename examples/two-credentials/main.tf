terraform {
  required_providers {
    zenml = {
      source  = "zenml-io/zenml"
      version = "~> 3.0"
    }
  }
}

variable "zenml_api_token" {
  type      = string
  sensitive = true
}

provider "zenml" {
  server_url = "https://zenml.example.com"
  api_key    = "ZENKEY_not-a-real-key"
  api_token  = var.zenml_api_token
}
