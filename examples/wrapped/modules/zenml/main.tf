variable "server_url" {
  type = string
}

variable "api_key" {
  type = string
}

provider "zenml" {
  server_url = var.server_url
  api_key    = var.api_key
}

resource "zenml_project" "team" {
  name = "team"
}
