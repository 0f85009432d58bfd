//! Numbers as Terraform computes them: binary floats with a precision of their own (Go's `math/big.Float`).
//!
//! A number parsed from digits has 512 bits of precision, one from a count 64, one out of a float function 53. An
//! operation takes the greater precision of its operands and rounds to nearest, ties to even.

mod decimal;

use std::cmp::Ordering;

use dashu_int::UBig;
use dashu_int::ops::{BitTest, DivRem};

pub use decimal::Decimal;

/// Precision of numbers parsed from digits, in bits.
pub const PARSED: usize = 512;
/// Precision of numbers that come from machine integers, in bits.
pub const COUNTED: usize = 64;
/// Precision of numbers that come from 64-bit floats, in bits.
pub const FLOATED: usize = 53;

/// Longer texts are not read as numbers: see [`is_too_long`].
const MOST_DIGITS: usize = 20_000;

/// Whether a text may be a number, but one with too many digits to be read here.
pub fn is_too_long(text: &str) -> bool {
    text.len() > MOST_DIGITS && text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
}

/// Bounds of a binary exponent, as Go's floats have them (of a mantissa in [0.5, 1)).
const GREATEST_EXPONENT: i64 = i32::MAX as i64;
const LEAST_EXPONENT: i64 = i32::MIN as i64;

/// A number.
#[derive(Clone, Debug)]
pub struct Number {
    negative: bool,
    magnitude: Magnitude,
    precision: usize,
}

#[derive(Clone, Debug)]
enum Magnitude {
    Zero,
    /// `mantissa * 2^exponent`, the mantissa odd.
    Finite {
        mantissa: UBig,
        exponent: i64,
    },
    Infinite,
}

impl Number {
    /// Zero, one, … as `length` and friends return them.
    pub fn from_i64(value: i64) -> Self {
        Self::from_integer(value < 0, UBig::from(value.unsigned_abs()))
    }

    /// A count.
    pub fn from_usize(value: usize) -> Self {
        Self::from_integer(false, UBig::from(value))
    }

    /// A whole number of any size, exactly.
    pub fn from_integer(negative: bool, magnitude: UBig) -> Self {
        let precision = magnitude.bit_len().max(COUNTED);
        Self::rounded(negative, magnitude, 0, false, precision)
    }

    /// A 64-bit float; `None` where it is not a number.
    pub fn from_f64(value: f64) -> Option<Self> {
        if value.is_nan() {
            return None;
        }
        if value.is_infinite() {
            return Some(Self::infinity(value < 0.0));
        }
        let bits = value.to_bits();
        let fraction = bits & ((1 << 52) - 1);
        let biased = i64::try_from((bits >> 52) & 0x7ff).unwrap_or_default();
        let (mantissa, exponent) = match biased {
            0 => (fraction, -1074),
            _ => (fraction | (1 << 52), biased - 1075),
        };
        let negative = value.is_sign_negative();
        let mantissa = UBig::from(mantissa);
        Some(Self::rounded(negative, mantissa, exponent, false, FLOATED))
    }

    /// Positive or negative infinity.
    pub fn infinity(negative: bool) -> Self {
        Self {
            negative,
            magnitude: Magnitude::Infinite,
            precision: COUNTED,
        }
    }

    /// What Terraform takes for a decimal number, in configuration and when it converts a string: a sign, digits with an optional
    /// point, an exponent of ten after `e` or of two after `p`; or `Inf`. `None` for anything else, and for what
    /// [`is_too_long`].
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MOST_DIGITS {
            return None;
        }
        let (negative, unsigned) = match text.as_bytes().first()? {
            b'-' => (true, text.get(1..)?),
            b'+' => (false, text.get(1..)?),
            _ => (false, text),
        };
        if matches!(unsigned, "Inf" | "inf") {
            let infinity = Self::infinity(negative);
            return Some(Self {
                precision: PARSED,
                ..infinity
            });
        }
        let exponent_at = unsigned.find(['e', 'E', 'p', 'P']);
        let (digits, exponent) = match exponent_at {
            None => (unsigned, ""),
            Some(at) => unsigned.split_at_checked(at)?,
        };
        let (mantissa, fraction_digits) = parse_mantissa(digits)?;
        let (ten, two) = parse_exponent(exponent)?;
        if mantissa.is_zero() {
            return Some(Self::zero(negative, PARSED));
        }
        let fives = ten.checked_sub(i64::try_from(fraction_digits).ok()?)?;
        Self::scaled(negative, mantissa, fives, fives.checked_add(two)?)
    }

    /// `mantissa * 5^fives * 2^twos`, rounded as Go's parser does it: the power of five is itself rounded to 576 bits.
    fn scaled(negative: bool, mantissa: UBig, fives: i64, twos: i64) -> Option<Self> {
        let length = i64::try_from(mantissa.bit_len()).ok()?;
        let top = twos.checked_add(length)?;
        if !(LEAST_EXPONENT..=GREATEST_EXPONENT).contains(&top) {
            return None;
        }
        if fives == 0 {
            return Some(Self::rounded(negative, mantissa, twos, false, PARSED));
        }
        let precision = mantissa.bit_len().max(PARSED);
        let number = Self::rounded(negative, mantissa, twos, false, precision);
        let power = power_of_five(fives.unsigned_abs());
        if fives < 0 {
            number.quotient(&power, PARSED)
        } else {
            number.product(&power, PARSED)
        }
    }

    fn zero(negative: bool, precision: usize) -> Self {
        Self {
            negative,
            magnitude: Magnitude::Zero,
            precision,
        }
    }

    /// `mantissa * 2^exponent` rounded to `precision` bits; `sticky` says that the true mantissa is a little greater.
    fn rounded(
        negative: bool,
        mantissa: UBig,
        exponent: i64,
        sticky: bool,
        precision: usize,
    ) -> Self {
        if mantissa.is_zero() {
            return Self::zero(negative, precision);
        }
        let excess = mantissa.bit_len().saturating_sub(precision);
        let (mut mantissa, mut exponent) = if excess == 0 {
            (mantissa, exponent)
        } else {
            let half = mantissa.bit(excess - 1);
            let below = sticky || mantissa.trailing_zeros().is_some_and(|z| z < excess - 1);
            let mut kept = mantissa >> excess;
            if half && (below || kept.bit(0)) {
                kept += UBig::ONE;
            }
            (kept, exponent.saturating_add_unsigned(excess as u64))
        };
        let zeros = mantissa.trailing_zeros().unwrap_or_default();
        mantissa >>= zeros;
        exponent = exponent.saturating_add_unsigned(zeros as u64);
        let top = exponent.saturating_add_unsigned(mantissa.bit_len() as u64);
        let magnitude = if top > GREATEST_EXPONENT {
            Magnitude::Infinite
        } else if top < LEAST_EXPONENT {
            Magnitude::Zero
        } else {
            Magnitude::Finite { mantissa, exponent }
        };
        Self {
            negative,
            magnitude,
            precision,
        }
    }

    /// The same number rounded to `precision` bits.
    pub fn with_precision(&self, precision: usize) -> Self {
        match &self.magnitude {
            Magnitude::Finite { mantissa, exponent } => {
                Self::rounded(self.negative, mantissa.clone(), *exponent, false, precision)
            }
            _ => Self {
                precision,
                ..self.clone()
            },
        }
    }

    /// How many bits its mantissa may have.
    pub fn precision(&self) -> usize {
        self.precision
    }

    /// Whether it is zero, of either sign.
    pub fn is_zero(&self) -> bool {
        matches!(self.magnitude, Magnitude::Zero)
    }

    /// Whether it is infinite.
    pub fn is_infinite(&self) -> bool {
        matches!(self.magnitude, Magnitude::Infinite)
    }

    /// Whether it has a minus sign, as `-0` does.
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// Whether it is whole. Infinities are not.
    pub fn is_integer(&self) -> bool {
        match &self.magnitude {
            Magnitude::Zero => true,
            Magnitude::Finite { exponent, .. } => *exponent >= 0,
            Magnitude::Infinite => false,
        }
    }

    /// Its value where it is whole and in range.
    pub fn to_i64(&self) -> Option<i64> {
        let magnitude = i128::try_from(self.to_whole(64)?).ok()?;
        let value = if self.negative { -magnitude } else { magnitude };
        i64::try_from(value).ok()
    }

    /// Its value where it is whole, not negative and in range.
    pub fn to_usize(&self) -> Option<usize> {
        self.to_i64().and_then(|value| usize::try_from(value).ok())
    }

    /// Its magnitude where it is whole and takes no more than so many bits.
    pub fn to_whole(&self, most_bits: usize) -> Option<UBig> {
        match &self.magnitude {
            Magnitude::Zero => Some(UBig::ZERO),
            Magnitude::Finite { mantissa, exponent } => {
                let shift = usize::try_from(*exponent).ok()?;
                let length = mantissa.bit_len().checked_add(shift)?;
                (length <= most_bits).then(|| mantissa << shift)
            }
            Magnitude::Infinite => None,
        }
    }

    /// The nearest 64-bit float.
    pub fn to_f64(&self) -> f64 {
        let magnitude = match &self.magnitude {
            Magnitude::Zero => 0.0,
            Magnitude::Infinite => f64::INFINITY,
            Magnitude::Finite { mantissa, exponent } => nearest_float(mantissa, *exponent),
        };
        if self.negative { -magnitude } else { magnitude }
    }

    /// One, and one for each 16 digits of its decimal text, as far as there is one.
    pub fn weight(&self) -> u32 {
        let bits = match &self.magnitude {
            Magnitude::Finite { mantissa, exponent } => {
                exponent.unsigned_abs().max(mantissa.bit_len() as u64)
            }
            Magnitude::Zero | Magnitude::Infinite => 0,
        };
        // 53 bits are 16 digits. Where there are too many, there is no text.
        u32::try_from(bits.min(decimal::GREATEST_SHIFT) / 53).map_or(1, |weight| weight + 1)
    }

    /// Its decimal text in the shortest form that tells it from its neighbours at its precision; `None` where that would be
    /// too long (past some ten thousand digits).
    pub fn to_text(&self) -> Option<String> {
        let sign = if self.negative { "-" } else { "" };
        match self.shortest()? {
            None => Some(String::from(if self.negative { "-Inf" } else { "+Inf" })),
            Some(decimal) => Some(format!("{sign}{}", decimal.to_fixed())),
        }
    }

    /// The shortest decimal digits of its magnitude. Outer `None`: too long; inner `None`: infinite.
    pub fn shortest(&self) -> Option<Option<Decimal>> {
        match &self.magnitude {
            Magnitude::Zero => Some(Some(Decimal::zero())),
            Magnitude::Infinite => Some(None),
            Magnitude::Finite { mantissa, exponent } => {
                let length = exponent.saturating_add_unsigned(mantissa.bit_len() as u64);
                let dense = length.saturating_add_unsigned(1) < self.precision as i64;
                if *exponent >= 0 && dense {
                    // Its neighbours are closer than one: nothing shorter lies between them.
                    return Decimal::exact(mantissa.clone(), *exponent).map(Some);
                }
                Decimal::shortest(mantissa, *exponent, self.precision).map(Some)
            }
        }
    }

    /// All decimal digits of its magnitude. Outer `None`: too long; inner `None`: infinite.
    pub fn exact(&self) -> Option<Option<Decimal>> {
        match &self.magnitude {
            Magnitude::Zero => Some(Some(Decimal::zero())),
            Magnitude::Infinite => Some(None),
            Magnitude::Finite { mantissa, exponent } => {
                Decimal::exact(mantissa.clone(), *exponent).map(Some)
            }
        }
    }

    /// `-self`
    pub fn negate(&self) -> Self {
        Self {
            negative: !self.negative,
            ..self.clone()
        }
    }

    /// `|self|`
    pub fn absolute(&self) -> Self {
        Self {
            negative: false,
            ..self.clone()
        }
    }

    /// `self + other`; `None` for opposing infinities.
    pub fn add(&self, other: &Self) -> Option<Self> {
        let precision = self.precision.max(other.precision);
        self.sum(other, precision)
    }

    /// `self - other`; `None` for infinities of the same sign.
    pub fn subtract(&self, other: &Self) -> Option<Self> {
        self.add(&other.negate())
    }

    /// `self * other`, with as much more precision, up to 512 bits, as the product needs; `None` for zero times infinity.
    pub fn multiply(&self, other: &Self) -> Option<Self> {
        let product = self.product(other, PARSED)?;
        let needed = match &product.magnitude {
            Magnitude::Finite { mantissa, .. } => mantissa.bit_len(),
            _ => 0,
        };
        let precision = self.precision.max(other.precision).max(needed);
        Some(product.with_precision(precision))
    }

    /// `self / other`, infinite for a zero divisor; `None` for zero by zero and infinity by infinity.
    pub fn divide(&self, other: &Self) -> Option<Self> {
        self.quotient(other, self.precision.max(other.precision))
    }

    /// What is left of `self` after division by `other`, with the sign of `self`; `self` for a zero divisor; otherwise none where
    /// an operand is infinite.
    pub fn modulo(&self, other: &Self) -> Option<Self> {
        if other.is_zero() {
            return Some(self.clone());
        }
        if self.is_infinite() || other.is_infinite() {
            return None;
        }
        let whole = self
            .divide(other)?
            .truncate()
            .with_precision(self.precision);
        let taken = other.product(&whole, self.precision)?;
        self.sum(&taken.negate(), self.precision)
    }

    /// The whole number next to it on the way to zero.
    pub fn truncate(&self) -> Self {
        match &self.magnitude {
            Magnitude::Finite { mantissa, exponent } if *exponent < 0 => {
                let shift = usize::try_from(exponent.unsigned_abs()).unwrap_or(usize::MAX);
                let whole = if shift >= mantissa.bit_len() {
                    UBig::ZERO
                } else {
                    mantissa >> shift
                };
                // A whole part of zero has no sign: it passes through an integer.
                let negative = self.negative && !whole.is_zero();
                Self::rounded(negative, whole, 0, false, self.precision)
            }
            Magnitude::Zero => Self::zero(false, self.precision),
            _ => self.clone(),
        }
    }

    /// The greatest whole number that is not above it.
    pub fn floor(&self) -> Option<Self> {
        self.toward(true)
    }

    /// The least whole number that is not below it.
    pub fn ceil(&self) -> Option<Self> {
        self.toward(false)
    }

    fn toward(&self, negative: bool) -> Option<Self> {
        let whole = self.truncate();
        if self.is_integer() || self.is_infinite() || self.negative != negative {
            return Some(whole);
        }
        let one = Self::rounded(negative, UBig::ONE, 0, false, self.precision);
        whole.sum(&one, self.precision)
    }

    fn sum(&self, other: &Self, precision: usize) -> Option<Self> {
        match (&self.magnitude, &other.magnitude) {
            (Magnitude::Infinite, Magnitude::Infinite) if self.negative != other.negative => None,
            (Magnitude::Infinite, _) => Some(self.with_precision(precision)),
            (_, Magnitude::Infinite) => Some(other.with_precision(precision)),
            (Magnitude::Zero, Magnitude::Zero) => {
                Some(Self::zero(self.negative && other.negative, precision))
            }
            (_, Magnitude::Zero) => Some(self.with_precision(precision)),
            (Magnitude::Zero, _) => Some(other.with_precision(precision)),
            _ => Some(match self.compare_magnitude(other) {
                Ordering::Less => other.sum_with_smaller(self, precision),
                Ordering::Equal if self.negative != other.negative => Self::zero(false, precision),
                _ => self.sum_with_smaller(other, precision),
            }),
        }
    }

    /// The sum of two finite numbers, of which `other` is not the greater one by magnitude.
    fn sum_with_smaller(&self, other: &Self, precision: usize) -> Self {
        let (
            Magnitude::Finite {
                mantissa: a,
                exponent: a_exponent,
            },
            Magnitude::Finite {
                mantissa: b,
                exponent: b_exponent,
            },
        ) = (&self.magnitude, &other.magnitude)
        else {
            return self.with_precision(precision);
        };
        // One so small that it cannot even decide a tie counts as a single bit far below.
        let top = b_exponent.saturating_add_unsigned(b.bit_len() as u64);
        let floor = a_exponent.saturating_sub_unsigned(precision as u64 + 2);
        let (b, b_exponent) = if top < floor {
            (UBig::ONE, floor - 1)
        } else {
            (b.clone(), *b_exponent)
        };
        let exponent = b_exponent.min(*a_exponent);
        let shift = |from: i64| usize::try_from(from - exponent).unwrap_or_default();
        let a = a << shift(*a_exponent);
        let b = b << shift(b_exponent);
        let mantissa = if self.negative == other.negative {
            a + b
        } else if a >= b {
            a - b
        } else {
            UBig::ZERO
        };
        Self::rounded(self.negative, mantissa, exponent, false, precision)
    }

    fn product(&self, other: &Self, precision: usize) -> Option<Self> {
        let negative = self.negative != other.negative;
        match (&self.magnitude, &other.magnitude) {
            (Magnitude::Zero, Magnitude::Infinite) | (Magnitude::Infinite, Magnitude::Zero) => None,
            (Magnitude::Infinite, _) | (_, Magnitude::Infinite) => {
                Some(Self::infinity(negative).with_precision(precision))
            }
            (Magnitude::Zero, _) | (_, Magnitude::Zero) => Some(Self::zero(negative, precision)),
            (
                Magnitude::Finite {
                    mantissa: a,
                    exponent: a_exponent,
                },
                Magnitude::Finite {
                    mantissa: b,
                    exponent: b_exponent,
                },
            ) => Some(Self::rounded(
                negative,
                a * b,
                a_exponent + b_exponent,
                false,
                precision,
            )),
        }
    }

    fn quotient(&self, other: &Self, precision: usize) -> Option<Self> {
        let negative = self.negative != other.negative;
        match (&self.magnitude, &other.magnitude) {
            (Magnitude::Zero, Magnitude::Zero) | (Magnitude::Infinite, Magnitude::Infinite) => None,
            (Magnitude::Zero, _) | (_, Magnitude::Infinite) => {
                Some(Self::zero(negative, precision))
            }
            (Magnitude::Infinite, _) | (_, Magnitude::Zero) => {
                Some(Self::infinity(negative).with_precision(precision))
            }
            (
                Magnitude::Finite {
                    mantissa: a,
                    exponent: a_exponent,
                },
                Magnitude::Finite {
                    mantissa: b,
                    exponent: b_exponent,
                },
            ) => {
                let shift = (precision + 2 + b.bit_len()).saturating_sub(a.bit_len());
                let (mantissa, rest) = (a << shift).div_rem(b);
                let exponent = (a_exponent - b_exponent).saturating_sub_unsigned(shift as u64);
                let sticky = !rest.is_zero();
                Some(Self::rounded(
                    negative, mantissa, exponent, sticky, precision,
                ))
            }
        }
    }

    fn compare_magnitude(&self, other: &Self) -> Ordering {
        match (&self.magnitude, &other.magnitude) {
            (
                Magnitude::Finite {
                    mantissa: a,
                    exponent: a_exponent,
                },
                Magnitude::Finite {
                    mantissa: b,
                    exponent: b_exponent,
                },
            ) => {
                let top = |m: &UBig, e: &i64| e.saturating_add_unsigned(m.bit_len() as u64);
                top(a, a_exponent)
                    .cmp(&top(b, b_exponent))
                    .then_with(|| compare_mantissas(a, b))
            }
            (a, b) => rank(a).cmp(&rank(b)),
        }
    }
}

fn rank(magnitude: &Magnitude) -> u8 {
    match magnitude {
        Magnitude::Zero => 0,
        Magnitude::Finite { .. } => 1,
        Magnitude::Infinite => 2,
    }
}

/// Compares two mantissas whose highest bits have the same weight.
fn compare_mantissas(a: &UBig, b: &UBig) -> Ordering {
    match a.bit_len().cmp(&b.bit_len()) {
        Ordering::Less => (a << (b.bit_len() - a.bit_len())).cmp(b),
        Ordering::Equal => a.cmp(b),
        Ordering::Greater => a.cmp(&(b << (a.bit_len() - b.bit_len()))),
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By value; `-0` equals `0`, and precision does not matter.
impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let negative = |n: &Self| n.negative && !n.is_zero();
        match (negative(self), negative(other)) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (true, true) => other.compare_magnitude(self),
            (false, false) => self.compare_magnitude(other),
        }
    }
}

/// The digits without their point, and how many stood after it.
fn parse_mantissa(digits: &str) -> Option<(UBig, usize)> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let digits = format!("{whole}{fraction}");
    Some((UBig::from_str_radix(&digits, 10).ok()?, fraction.len()))
}

/// The exponents of ten and of two that `e5` or `p5` stands for.
fn parse_exponent(text: &str) -> Option<(i64, i64)> {
    let Some(kind) = text.bytes().next() else {
        return Some((0, 0));
    };
    let digits = text.get(1..)?;
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    if unsigned.is_empty() || !unsigned.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let value: i64 = digits.parse().ok()?;
    Some(if matches!(kind, b'e' | b'E') {
        (value, 0)
    } else {
        (0, value)
    })
}

/// `5^n` as Go's parser computes it for 512-bit numbers: to 576 bits, by squaring to 640.
fn power_of_five(n: u64) -> Number {
    const TABLED: u64 = 27;
    let bits = PARSED + 64;
    let exact = |n: u64| UBig::from(5u64.pow(u32::try_from(n).unwrap_or_default()));
    if n <= TABLED {
        return Number::rounded(false, exact(n), 0, false, bits);
    }
    let mut power = Number::rounded(false, exact(TABLED), 0, false, bits);
    let mut square = Number::rounded(false, UBig::from(5u8), 0, false, bits + 64);
    let mut left = n - TABLED;
    while left > 0 {
        if left & 1 == 1 {
            power = power.product(&square, bits).unwrap_or(power);
        }
        square = square.product(&square, bits + 64).unwrap_or(square);
        left >>= 1;
    }
    power
}

fn nearest_float(mantissa: &UBig, exponent: i64) -> f64 {
    let top = exponent.saturating_add_unsigned(mantissa.bit_len() as u64);
    if top > 1024 {
        return f64::INFINITY;
    }
    if top < -1074 {
        return 0.0;
    }
    // Below 2^-1021 floats have fewer bits; with none left, half of the least float decides.
    let bits = usize::try_from(top + 1074).unwrap_or_default().min(FLOATED);
    if bits == 0 {
        let above_half = mantissa != &UBig::ONE;
        return if above_half { f64::from_bits(1) } else { 0.0 };
    }
    let rounded = Number::rounded(false, mantissa.clone(), exponent, false, bits);
    let Magnitude::Finite { mantissa, exponent } = rounded.magnitude else {
        return 0.0;
    };
    let mantissa = u64::try_from(mantissa).unwrap_or_default() as f64;
    let power = |exponent: i64| 2f64.powi(i32::try_from(exponent).unwrap_or_default());
    // In two steps, each of which is exact.
    let first = exponent.clamp(-1000, 900);
    mantissa * power(first) * power(exponent - first)
}

#[cfg(test)]
mod tests;
