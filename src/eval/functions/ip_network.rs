//! IP network functions.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::arguments::{great_whole, list, string, text, whole};
use super::{Failure, Function, Outcome, Parameter};
use crate::eval::types::Type;
use crate::eval::value::Value;

pub(super) fn functions() -> Vec<Function> {
    let prefix = || Parameter::new("prefix", Type::String);
    let number = |name| Parameter::new(name, Type::Number);
    let textual = |name, body| {
        Function::new(name, Type::String, body)
            .takes(prefix())
            .not_null()
    };
    vec![
        Function::new("cidrcontains", Type::Bool, contains)
            .takes(Parameter::new("containing_prefix", Type::String).chooses())
            .takes(Parameter::new("contained_ip_or_prefix", Type::String).chooses())
            .not_null(),
        textual("cidrhost", host).takes(number("hostnum")),
        textual("cidrnetmask", netmask),
        textual("cidrsubnet", subnet)
            .takes(number("newbits"))
            .takes(number("netnum")),
        Function::new("cidrsubnets", Type::list(Type::String), subnets)
            .takes(prefix())
            .takes_any_number(number("newbits"))
            .not_null(),
    ]
}

/// A network: its first address as a number, the length of its prefix and of its addresses in bits.
#[derive(Clone, Copy, Debug)]
struct Network {
    first: u128,
    prefix: u32,
    width: u32,
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let (address, width) = parse_address(address)?;
        let digits = !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_digit());
        let prefix: u32 = prefix.parse().ok().filter(|_| digits)?;
        (prefix <= width).then(|| Self::around(address, prefix, width))
    }

    /// The network of that prefix length that holds the address.
    fn around(address: u128, prefix: u32, width: u32) -> Self {
        let rest = ones(width - prefix);
        Self {
            first: address & !rest,
            prefix,
            width,
        }
    }

    fn last(self) -> u128 {
        self.first | ones(self.width - self.prefix)
    }

    fn holds(self, address: u128) -> bool {
        (self.first..=self.last()).contains(&address)
    }

    /// The next network of that prefix length after this one; `None` past the end of all addresses.
    fn next(self, prefix: u32) -> Option<Self> {
        let last = Self::around(self.last(), prefix, self.width).last();
        let next = last.wrapping_add(1) & ones(self.width);
        (next != 0).then(|| Self::around(next, prefix, self.width))
    }

    fn to_text(self) -> Result<String, Failure> {
        Ok(format!(
            "{}/{}",
            write_address(self.first, self.width)?,
            self.prefix
        ))
    }
}

fn ones(bits: u32) -> u128 {
    match bits {
        0 => 0,
        bits => u128::MAX >> (128 - bits.min(128)),
    }
}

/// An address and its width. Unlike elsewhere, numbers may have leading zeros.
fn parse_address(text: &str) -> Option<(u128, u32)> {
    if let Some(address) = parse_v4(text) {
        return Some((u128::from(address), 32));
    }
    // The octets at the end of an IPv6 address may have leading zeros too.
    let tail = text.rsplit(':').next()?;
    let plain = match parse_v4(tail) {
        Some(octets) => {
            let head = text.get(..text.len() - tail.len())?;
            format!("{head}{}", Ipv4Addr::from_bits(octets))
        }
        None => text.to_owned(),
    };
    let address: Ipv6Addr = plain.parse().ok()?;
    Some((address.to_bits(), 128))
}

fn parse_v4(text: &str) -> Option<u32> {
    let mut octets = 0;
    let mut count = 0;
    for octet in text.split('.') {
        let digits = !octet.is_empty() && octet.bytes().all(|b| b.is_ascii_digit());
        let octet: u8 = octet
            .trim_start_matches('0')
            .parse()
            .or_else(|error| {
                let zero = digits && octet.bytes().all(|b| b == b'0');
                if zero { Ok(0) } else { Err(error) }
            })
            .ok()
            .filter(|_| digits)?;
        octets = octets << 8 | u32::from(octet);
        count += 1;
        if count > 4 {
            return None;
        }
    }
    (count == 4).then_some(octets)
}

/// What Terraform makes of IPv4 addresses in IPv6 clothing is its own affair.
fn write_address(address: u128, width: u32) -> Result<String, Failure> {
    if width == 32 {
        let address = u32::try_from(address).map_err(|_| Failure::Unknown)?;
        return Ok(Ipv4Addr::from_bits(address).to_string());
    }
    let address = Ipv6Addr::from_bits(address);
    if address.to_ipv4_mapped().is_some() {
        return Err(Failure::Unknown);
    }
    Ok(address.to_string())
}

fn network(arguments: &[Value], index: usize) -> Result<Network, Failure> {
    let network = Network::parse(text(arguments, index)?);
    let network = network.ok_or_else(|| Failure::argument(index, "is no valid CIDR prefix"))?;
    if network.width == 128
        && Ipv6Addr::from_bits(network.first)
            .to_ipv4_mapped()
            .is_some()
    {
        return Err(Failure::Unknown);
    }
    Ok(network)
}

fn host(arguments: &[Value], _: &Type) -> Outcome {
    let (negative, magnitude) = great_whole(arguments, 1)?;
    let network = network(arguments, 0)?;
    let most = ones(network.width - network.prefix);
    let number = u128::try_from(magnitude).map_err(|_| Failure::Unknown)?;
    let too_great = || Failure::argument(1, "does not fit the prefix");
    let number = if negative {
        most.checked_sub(number - 1).ok_or_else(too_great)?
    } else {
        number
    };
    if number > most {
        // Past 63 bits Terraform's own check goes wrong.
        let overflows = i64::try_from(number).is_err();
        return Err(if overflows {
            Failure::Unknown
        } else {
            too_great()
        });
    }
    Ok(string(write_address(
        network.first | number,
        network.width,
    )?))
}

fn netmask(arguments: &[Value], _: &Type) -> Outcome {
    let network = network(arguments, 0)?;
    if network.width != 32 {
        return Err(Failure::argument(0, "is IPv6, which has no netmask"));
    }
    let mask = ones(32) & !ones(32 - network.prefix);
    Ok(string(write_address(mask, 32)?))
}

fn subnet(arguments: &[Value], _: &Type) -> Outcome {
    let new_bits = whole(arguments, 1)?;
    let (negative, number) = great_whole(arguments, 2)?;
    let network = network(arguments, 0)?;
    let prefix = i64::from(network.prefix).saturating_add(new_bits);
    if prefix > i64::from(network.width) {
        return Err(Failure::argument(1, "leaves no address space"));
    }
    // Terraform lets negative numbers through to nonsense.
    let prefix = u32::try_from(prefix).map_err(|_| Failure::Unknown)?;
    let number = u64::try_from(number).map_err(|_| Failure::Unknown)?;
    if negative {
        return Err(Failure::Unknown);
    }
    let most = u32::try_from(new_bits).map_or(u64::MAX, |bits| ones(bits.min(64)) as u64);
    if number > most {
        return Err(Failure::argument(2, "does not fit the prefix extension"));
    }
    let shift = network.width - prefix;
    let first = u128::from(number)
        .checked_shl(shift)
        .filter(|first| first >> shift == number.into());
    let first = first.filter(|first| *first <= ones(network.width));
    let first = first.or((number == 0).then_some(0));
    let first = first.ok_or_else(|| Failure::argument(2, "does not fit the address"))?;
    let subnet = Network {
        first: network.first | first,
        prefix,
        width: network.width,
    };
    Ok(string(subnet.to_text()?))
}

fn subnets(arguments: &[Value], _: &Type) -> Outcome {
    let network = network(arguments, 0)?;
    let mut found = Vec::new();
    let mut current: Option<Network> = None;
    for index in 1..arguments.len() {
        let new_bits = whole(arguments, index)?;
        let wrong = |message: &str| Err(Failure::argument(index, message));
        let new_bits = match u32::try_from(new_bits) {
            Ok(bits @ 1..=32) => bits,
            Ok(33..) => return wrong("may not extend prefix by more than 32 bits"),
            _ => return wrong("must extend prefix by at least one bit"),
        };
        let prefix = network.prefix + new_bits;
        if prefix > network.width {
            return wrong("would extend the prefix past the address");
        }
        let before = current.unwrap_or_else(|| {
            let before = network.first.wrapping_sub(1) & ones(network.width);
            Network::around(before, prefix, network.width)
        });
        match before.next(prefix) {
            Some(next) if network.holds(next.first) => {
                found.push(string(next.to_text()?));
                current = Some(next);
            }
            _ => return wrong("finds not enough remaining address space"),
        }
    }
    Ok(list(Type::String, found))
}

/// OpenTofu's.
fn contains(arguments: &[Value], _: &Type) -> Outcome {
    let network = network(arguments, 0)?;
    let contained = text(arguments, 1)?;
    let (first, last, width) = match parse_address(contained) {
        Some((address, width)) => (address, address, width),
        None => {
            let inner = self::network(arguments, 1)?;
            (inner.first, inner.last(), inner.width)
        }
    };
    if width != network.width {
        return Err(Failure::argument(1, "is of another address family"));
    }
    Ok(Value::bool(network.holds(first) && network.holds(last)))
}
