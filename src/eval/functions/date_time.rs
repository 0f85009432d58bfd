//! Date and time functions.

use std::cmp::Ordering;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time as Clock, Weekday};

use super::arguments::{bounded, string, text};
use super::{Failure, Function, Outcome, Parameter};
use crate::eval::number::Number;
use crate::eval::types::Type;
use crate::eval::value::{Kind, Value};

pub(super) fn functions() -> Vec<Function> {
    let string_named = |name| Parameter::new(name, Type::String);
    vec![
        Function::new("formatdate", Type::String, format_date)
            .takes(string_named("format"))
            .takes(string_named("time"))
            .not_null(),
        Function::impure("plantimestamp", Type::String),
        Function::new("timeadd", Type::String, time_add)
            .takes(string_named("timestamp"))
            .takes(string_named("duration").chooses()),
        Function::new("timecmp", Type::Number, time_compare)
            .takes(string_named("timestamp_a").chooses())
            .takes(string_named("timestamp_b").chooses())
            .not_null(),
        Function::impure("timestamp", Type::String),
    ]
}

/// A moment as it is written: the local date and time, and how far they are ahead of UTC.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timestamp {
    local: DateTime,
    offset_minutes: i32,
}

impl Timestamp {
    /// A date and time of day that exist.
    pub(super) fn new(
        date: (i16, i8, i8),
        clock: (i8, i8, i8),
        offset_minutes: i32,
    ) -> Option<Self> {
        let date = Date::new(date.0, date.1, date.2).ok()?;
        let clock = Clock::new(clock.0, clock.1, clock.2, 0).ok()?;
        Some(Self {
            local: date.to_datetime(clock),
            offset_minutes,
        })
    }

    /// Strictly by RFC 3339.
    fn parse(text: &str) -> Option<Self> {
        let (main, rest) = text.split_at_checked(19)?;
        let shape = main.bytes().zip("0000-00-00T00:00:00".bytes());
        let matches = |(given, wanted): (u8, u8)| match wanted {
            b'0' => given.is_ascii_digit(),
            _ => given == wanted,
        };
        if !shape.into_iter().all(matches) {
            return None;
        }
        let field = |from: usize| main.get(from..from + 2)?.parse::<i8>().ok();
        let (fraction, zone) = match rest.strip_prefix('.') {
            None => ("", rest),
            Some(rest) => {
                let end = rest.find(|c: char| !c.is_ascii_digit())?;
                rest.split_at_checked(end)
                    .filter(|(digits, _)| !digits.is_empty())?
            }
        };
        let date = (main.get(..4)?.parse().ok()?, field(5)?, field(8)?);
        let clock = (field(11)?, field(14)?, field(17)?);
        let mut timestamp = Self::new(date, clock, parse_offset(zone)?)?;
        let nanoseconds: String = fraction
            .chars()
            .chain("000000000".chars())
            .take(9)
            .collect();
        let local = timestamp
            .local
            .with()
            .subsec_nanosecond(nanoseconds.parse().ok()?);
        timestamp.local = local.build().ok()?;
        Some(timestamp)
    }

    /// To the second, by RFC 3339; `None` for a year that takes more than four digits.
    pub(super) fn to_text(self) -> Option<String> {
        let (date, time) = (self.local.date(), self.local.time());
        if date.year() < 0 {
            return None;
        }
        let zone = if self.offset_minutes == 0 {
            "Z".into()
        } else {
            self.offset(":")
        };
        Some(format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{zone}",
            date.year(),
            date.month(),
            date.day(),
            time.hour(),
            time.minute(),
            time.second()
        ))
    }

    fn offset(self, separator: &str) -> String {
        let sign = if self.offset_minutes < 0 { '-' } else { '+' };
        let minutes = self.offset_minutes.abs();
        format!("{sign}{:02}{separator}{:02}", minutes / 60, minutes % 60)
    }

    /// The same moment in UTC, to be compared.
    fn in_utc(self) -> Option<DateTime> {
        let ahead = SignedDuration::from_mins(i64::from(self.offset_minutes));
        self.local.checked_sub(ahead).ok()
    }
}

pub(super) fn parse_offset(zone: &str) -> Option<i32> {
    if zone == "Z" {
        return Some(0);
    }
    let (sign, rest) = match zone.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let field = |digits: &str, most: i32| {
        let valid = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        let number: i32 = digits.parse().ok()?;
        (valid && number <= most).then_some(number)
    };
    Some(sign * (field(hours, 23)? * 60 + field(minutes, 59)?))
}

fn timestamp(arguments: &[Value], index: usize) -> Result<Timestamp, Failure> {
    let parsed = Timestamp::parse(text(arguments, index)?);
    parsed.ok_or_else(|| Failure::argument(index, "is not a valid RFC3339 timestamp"))
}

fn time_add(arguments: &[Value], _: &Type) -> Outcome {
    let mut timestamp = timestamp(arguments, 0)?;
    let duration = parse_duration(text(arguments, 1)?);
    let duration = duration.ok_or_else(|| Failure::argument(1, "is not a valid duration"))?;
    let sum = timestamp
        .local
        .checked_add(SignedDuration::from_nanos(duration));
    timestamp.local = sum.map_err(|_| Failure::Unknown)?;
    timestamp.to_text().map(string).ok_or(Failure::Unknown)
}

fn time_compare(arguments: &[Value], _: &Type) -> Outcome {
    let moment = |index: usize| -> Result<DateTime, Failure> {
        match timestamp(arguments, index) {
            Ok(timestamp) => timestamp.in_utc().ok_or(Failure::Unknown),
            // This function alone is not strict about some fields.
            Err(_) if is_nearly_valid(text(arguments, index)?) => Err(Failure::Unknown),
            Err(failure) => Err(failure),
        }
    };
    let order = match (moment(0), moment(1)) {
        (Ok(first), Ok(second)) => first.cmp(&second),
        // One that is surely wrong counts, whatever the other may be.
        (Err(Failure::Unknown | Failure::TooLarge), Err(failure))
        | (Err(failure), _)
        | (_, Err(failure)) => {
            return Err(failure);
        }
    };
    let order = match order {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    };
    Ok(Value::new(Kind::Number(Number::from_i64(order))))
}

/// Whether the text would be a timestamp if its hour had two digits, its fraction a point, its zone less than a day.
fn is_nearly_valid(text: &str) -> bool {
    let hour = text.get(11..13).is_some_and(|hour| hour.ends_with(':'));
    let mut corrected = text
        .replace(',', ".")
        .replace("+24:", "+23:")
        .replace("-24:", "-23:");
    if let Some(before) = corrected.strip_suffix(":60") {
        corrected = format!("{before}:59");
    }
    if hour {
        corrected.insert(11, '0');
    }
    corrected != text && Timestamp::parse(&corrected).is_some()
}

/// Nanoseconds, from Go's notation: signed decimal numbers, each with a unit.
fn parse_duration(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0_u64;
    while !rest.is_empty() {
        let (part, after) = parse_part(rest)?;
        total = total.checked_add(part).filter(|total| *total <= 1 << 63)?;
        rest = after;
    }
    match i64::try_from(total) {
        Ok(total) if negative => Some(-total),
        Ok(total) => Some(total),
        Err(_) if negative => Some(i64::MIN),
        Err(_) => None,
    }
}

/// One number with its unit, and what follows.
fn parse_part(text: &str) -> Option<(u64, &str)> {
    let digits = |text: &str| {
        text.find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len())
    };
    let (whole, mut rest) = text.split_at_checked(digits(text))?;
    let mut fraction = "";
    if let Some(after) = rest.strip_prefix('.') {
        (fraction, rest) = after.split_at_checked(digits(after))?;
    }
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let unit_end = rest.find(|c: char| c == '.' || c.is_ascii_digit());
    let (unit, rest) = rest.split_at_checked(unit_end.unwrap_or(rest.len()))?;
    let unit: u64 = match unit {
        "ns" => 1,
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    let whole: u64 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let whole = whole.checked_mul(unit).filter(|whole| *whole <= 1 << 63)?;
    let (numerator, scale) = leading_fraction(fraction);
    let part = (numerator as f64 * (unit as f64 / scale)) as u64;
    Some((whole.checked_add(part)?, rest))
}

/// As many digits as fit 63 bits, over the power of ten that goes with them.
fn leading_fraction(digits: &str) -> (u64, f64) {
    let (mut numerator, mut scale) = (0_u64, 1.0);
    for digit in digits.bytes() {
        if numerator > (i64::MAX as u64) / 10 {
            break;
        }
        let next = numerator * 10 + u64::from(digit - b'0');
        if next > 1 << 63 {
            break;
        }
        numerator = next;
        scale *= 10.0;
    }
    (numerator, scale)
}

fn format_date(arguments: &[Value], _: &Type) -> Outcome {
    let mut rest = text(arguments, 0)?;
    let time = timestamp(arguments, 1)?;
    let mut formatted = String::new();
    while let Some(first) = rest.chars().next() {
        let (token, after) = if first == '\'' {
            quoted(rest)?
        } else {
            let same = |c: char| c == first;
            let literal = |c: char| c != '\'' && !c.is_ascii_alphabetic();
            let end = if first.is_ascii_alphabetic() {
                rest.find(|c| !same(c))
            } else {
                rest.find(|c| !literal(c))
            };
            rest.split_at_checked(end.unwrap_or(rest.len()))
                .ok_or(Failure::Unknown)?
        };
        rest = after;
        match first {
            '\'' if token == "''" => formatted.push('\''),
            '\'' => {
                let inner = token.get(1..token.len() - 1).unwrap_or_default();
                formatted.push_str(&inner.replace("''", "'"));
            }
            letter if letter.is_ascii_alphabetic() => {
                let text = verb(letter, token.len(), time);
                let message = format!("has an invalid date format verb {token:?}");
                formatted.push_str(&text.ok_or_else(|| Failure::argument(0, message))?);
            }
            _ => formatted.push_str(token),
        }
    }
    bounded(formatted)
}

/// A quoted literal with its quotes, and what follows it; a doubled quote stands for itself.
fn quoted(text: &str) -> Result<(&str, &str), Failure> {
    if text.starts_with("''") {
        return text.split_at_checked(2).ok_or(Failure::Unknown);
    }
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        if *byte == b'\'' {
            match bytes.get(at) {
                Some(b'\'') => at += 1,
                _ => return text.split_at_checked(at).ok_or(Failure::Unknown),
            }
        }
    }
    if text.len() > 1 && text.ends_with('\'') {
        return Ok((text, ""));
    }
    Err(Failure::argument(0, "has an unterminated literal"))
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

/// What a letter repeated so often stands for.
fn verb(letter: char, count: usize, time: Timestamp) -> Option<String> {
    let (date, clock) = (time.local.date(), time.local.time());
    let digits = |number: i8| match count {
        1 => Some(number.to_string()),
        2 => Some(format!("{number:02}")),
        _ => None,
    };
    let name = |name: &str| match count {
        3 => name.get(..3).map(str::to_owned),
        4 => Some(name.to_owned()),
        _ => None,
    };
    let noon = clock.hour() >= 12;
    match (letter, count) {
        ('Y', 2) => Some(format!("{:02}", date.year() % 100)),
        ('Y', 4) => Some(format!("{:04}", date.year())),
        ('M', 1 | 2) => digits(date.month()),
        ('M', _) => name(MONTHS.get(usize::try_from(date.month() - 1).ok()?)?),
        ('D', _) => digits(date.day()),
        ('E', _) => name(weekday(date.weekday())),
        ('h', _) => digits(clock.hour()),
        ('H', _) => digits((clock.hour() + 11) % 12 + 1),
        ('A', 2) => Some(if noon { "PM" } else { "AM" }.into()),
        ('a', 2) => Some(if noon { "pm" } else { "am" }.into()),
        ('m', _) => digits(clock.minute()),
        ('s', _) => digits(clock.second()),
        ('Z', 1) if time.offset_minutes == 0 => Some("Z".into()),
        ('Z', 3) if time.offset_minutes == 0 => Some("UTC".into()),
        ('Z', 1 | 5) => Some(time.offset(":")),
        ('Z', 3 | 4) => Some(time.offset("")),
        _ => None,
    }
}
