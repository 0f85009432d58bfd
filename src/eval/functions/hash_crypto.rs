//! Hash and crypto functions.

use std::fmt::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha1::{Digest, Sha1};
use sha2::{Sha256, Sha512};

use super::arguments::{string, text};
use super::encoding::decode64;
use super::{Failure, Function, Outcome, Parameter};
use crate::eval::types::Type;
use crate::eval::value::Value;

pub(super) fn functions() -> Vec<Function> {
    let hash = |name, body| {
        Function::new(name, Type::String, body)
            .takes(Parameter::new("str", Type::String))
            .not_null()
    };
    vec![
        hash("base64sha256", |arguments, _| {
            in_base64::<Sha256>(arguments)
        }),
        hash("base64sha512", |arguments, _| {
            in_base64::<Sha512>(arguments)
        }),
        // Salted at random.
        Function::impure("bcrypt", Type::String)
            .takes(Parameter::new("str", Type::String))
            .takes_any_number(Parameter::new("cost", Type::Number)),
        hash("md5", |arguments, _| in_hexadecimal::<Md5>(arguments)),
        Function::new("rsadecrypt", Type::String, rsa_decrypt)
            .takes(Parameter::new("ciphertext", Type::String))
            .takes(Parameter::new("privatekey", Type::String).chooses())
            .not_null(),
        hash("sha1", |arguments, _| in_hexadecimal::<Sha1>(arguments)),
        hash("sha256", |arguments, _| in_hexadecimal::<Sha256>(arguments)),
        hash("sha512", |arguments, _| in_hexadecimal::<Sha512>(arguments)),
        Function::impure("uuid", Type::String),
        Function::new("uuidv5", Type::String, uuid_v5)
            .takes(Parameter::new("namespace", Type::String))
            .takes(Parameter::new("name", Type::String))
            .not_null(),
    ]
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn in_hexadecimal<D: Digest>(arguments: &[Value]) -> Outcome {
    Ok(string(hexadecimal(&D::digest(text(arguments, 0)?))))
}

fn in_base64<D: Digest>(arguments: &[Value]) -> Outcome {
    Ok(string(STANDARD.encode(D::digest(text(arguments, 0)?))))
}

/// Keys are not looked into: what looks like one makes the result unknown.
fn rsa_decrypt(arguments: &[Value], _: &Type) -> Outcome {
    decode64(text(arguments, 0)?)?;
    if !text(arguments, 1)?.contains("-----BEGIN ") {
        return Err(Failure::argument(1, "holds no private key"));
    }
    Err(Failure::Unknown)
}

fn uuid_v5(arguments: &[Value], _: &Type) -> Outcome {
    let namespace = namespace(text(arguments, 0)?)?;
    let name = text(arguments, 1)?;
    let digest = Sha1::new()
        .chain_update(namespace)
        .chain_update(name)
        .finalize();
    let mut bytes: Vec<u8> = digest.iter().copied().take(16).collect();
    if let Some(version) = bytes.get_mut(6) {
        *version = *version & 0x0f | 0x50;
    }
    if let Some(variant) = bytes.get_mut(8) {
        *variant = *variant & 0x3f | 0x80;
    }
    let digits = hexadecimal(&bytes);
    let groups = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
    let groups = groups.map(|(start, end)| digits.get(start..end).unwrap_or_default());
    Ok(string(groups.join("-")))
}

/// One of the namespaces of RFC 4122, or any UUID in one of the ways to write it.
fn namespace(name: &str) -> Result<[u8; 16], Failure> {
    const DNS: u128 = 0x6ba7_b810_9dad_11d1_80b4_00c0_4fd4_30c8;
    let well_known = |offset: u128| (DNS + (offset << 96)).to_be_bytes();
    match name {
        "dns" => return Ok(well_known(0)),
        "url" => return Ok(well_known(1)),
        "oid" => return Ok(well_known(2)),
        "x500" => return Ok(well_known(4)),
        _ => {}
    }
    let invalid = || Failure::argument(0, "is no namespace and no UUID");
    let bare = match name.len() {
        45 if name
            .get(..9)
            .is_some_and(|start| start.eq_ignore_ascii_case("urn:uuid:")) =>
        {
            name.get(9..)
        }
        // Whatever the brackets are.
        38 => name.get(1..37),
        _ => Some(name),
    };
    let bare = bare.ok_or_else(invalid)?;
    let digits = if bare.len() == 36 {
        let dashed = [8, 13, 18, 23]
            .iter()
            .all(|at| bare.as_bytes().get(*at) == Some(&b'-'));
        if !dashed {
            return Err(invalid());
        }
        bare.replace('-', "")
    } else {
        bare.to_owned()
    };
    let hexadecimal = digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let id = u128::from_str_radix(&digits, 16)
        .ok()
        .filter(|_| hexadecimal);
    id.map(u128::to_be_bytes).ok_or_else(invalid)
}
