//! `zenml-tflint verify`.

mod support;

use support::server::Server;

#[test]
fn the_real_server_knows_its_keys() {
    let Some(server) = Server::shared() else {
        return;
    };
    let keys = server.service_account("harness");
    let (key, path) = server.api_key(&keys, "first");
    assert_eq!(server.login(&[("password", &key)]).status, 200);
    server.ask("DELETE", &path, &serde_json::Value::Null);
    let answer = server.login(&[("password", &key)]);
    assert_eq!(answer.status, 401, "{answer:?}");
}
