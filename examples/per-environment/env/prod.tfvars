zenml = {
  server_url = "http://zenml.example.com"
}
