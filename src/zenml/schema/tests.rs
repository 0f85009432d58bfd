use super::*;

fn names<T>(items: &[T], name: impl Fn(&T) -> &'static str) -> Vec<&'static str> {
    items.iter().map(name).collect()
}

#[test]
fn versions_of_configuration() {
    for (wanted, release) in [
        (None, "3.0.6"),
        (Some("1"), "1.1.3"),
        (Some("1.0"), "1.0.0"),
        (Some("1.1"), "1.1.3"),
        (Some("1.1.0"), "1.1.3"),
        (Some("2"), "2.0.7"),
        (Some("2.0.5"), "2.0.7"),
        (Some("3.0"), "3.0.6"),
        (Some("3.0.2"), "3.0.6"),
        (Some("4"), "3.0.6"),
        (Some("0.1"), "1.0.0"),
        (Some("nonsense"), "3.0.6"),
    ] {
        let schema = Schema::select(wanted, None, |_| true);
        assert_eq!(schema.provider.release, release, "{wanted:?}");
    }
    for (wanted, release) in [
        (None, "0.98.0"),
        (Some("0.80"), "0.80.2"),
        (Some("0.80.1"), "0.80.2"),
        (Some("0.85"), "0.92.0"),
        (Some("0.98.3"), "0.98.0"),
        (Some("1.0"), "0.98.0"),
    ] {
        let schema = Schema::select(None, wanted, |_| true);
        assert_eq!(schema.zenml.release, release, "{wanted:?}");
    }
}

#[test]
fn what_a_constraint_admits_narrows_the_version() {
    for (wanted, admitted, release) in [
        (None, "1.0.", "1.0.0"),
        (None, "1.", "1.1.3"),
        (None, "2.0.3", "2.0.7"),
        (Some("1"), "", "1.1.3"),
        (Some("3"), "2.", "2.0.7"),
        (None, "9.", "3.0.6"),
        (Some("2"), "9.", "2.0.7"),
    ] {
        let schema = Schema::select(wanted, None, |release| release.starts_with(admitted));
        assert_eq!(schema.provider.release, release, "{wanted:?} {admitted}");
    }
}

#[test]
fn lists_are_sorted() {
    for provider in Schema::providers() {
        let blocks = provider.blocks;
        assert!(blocks.is_sorted_by_key(|block| (block.kind, block.name)));
        for block in blocks {
            assert!(names(block.arguments, |a| a.name).is_sorted());
        }
        assert!(names(provider.connector_types, |ty| ty.name).is_sorted());
    }
    for zenml in Schema::zenmls() {
        assert!(names(zenml.connector_types, |ty| ty.name).is_sorted());
        assert!(names(zenml.component_types, |ty| ty.name).is_sorted());
        for ty in zenml.component_types {
            assert!(names(ty.flavors, |flavor| flavor.name).is_sorted());
            for flavor in ty.flavors {
                assert!(names(flavor.fields, |field| field.name).is_sorted());
            }
        }
    }
}

#[test]
fn blocks_of_providers() {
    let [first, .., newest] = Schema::providers() else {
        panic!("there are several");
    };
    let connector = "zenml_service_connector";
    let old = first.block(BlockKind::Resource, connector).unwrap();
    assert_eq!(old.argument("resource_types").unwrap().ty, "set(string)");
    let new = newest.block(BlockKind::Resource, connector).unwrap();
    assert!(new.argument("resource_types").is_none());
    assert!(!new.argument("user").unwrap().is_settable());
    assert_eq!(
        names(new.argument("timeouts").unwrap().members, |a| a.name),
        ["create", "update"]
    );
    assert!(
        newest
            .block(BlockKind::Provider, "zenml")
            .unwrap()
            .argument("api_key")
            .unwrap()
            .sensitive
    );
    assert!(first.block(BlockKind::Resource, "zenml_secret").is_none());
    assert!(newest.connector_type("hyperai").is_some());
    assert!(newest.connector_type("oauth2").is_none());
    assert!(newest.has_component_type("log_store"));
    assert!(!first.has_component_type("log_store"));
}

#[test]
fn fields_of_connectors_and_flavors() {
    let zenml = Schema::default().zenml;
    let aws = zenml.connector_type("aws").unwrap();
    let role = aws.auth_method("iam-role").unwrap();
    assert!(role.field("aws_secret_access_key").unwrap().secret);
    assert!(role.field("policy_arns").unwrap().is_structured());
    assert!(aws.resource_type("s3-bucket").unwrap().has_instances);

    let stores = zenml.component_type("artifact_store").unwrap();
    assert!(stores.required_in_stack);
    let s3 = stores.flavor("s3").unwrap();
    assert!(s3.field("path").unwrap().required);
    assert!(s3.field("client_kwargs").unwrap().reads_json);
    let connector = s3.connector.unwrap();
    assert_eq!(
        (connector.resource_type, connector.resource_id_field),
        ("s3-bucket", Some("path"))
    );
    assert!(stores.flavor("local").unwrap().path_schemes.is_empty());
    let types = zenml.types_with_flavor("kaniko").map(|ty| ty.name);
    assert!(types.eq(["image_builder"]));
}
