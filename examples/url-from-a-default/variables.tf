variable "server_url" {
  description = "Where the ZenML server is"
  type        = string
  default     = "https://zenml.example.com/"
}

variable "server_url_override" {
  description = "Another server, to try things out"
  type        = string
  default     = null
}

variable "zenml_api_key" {
  description = "Key of the service account for Terraform"
  type        = string
  sensitive   = true
}
