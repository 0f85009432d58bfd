zenml = {
  server_url = "http://localhost:8080"
}
