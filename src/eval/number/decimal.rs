//! Decimal digits of a binary number.

use dashu_int::UBig;
use dashu_int::ops::BitTest;

/// Numbers with a greater binary exponent, either way, are not written out.
pub(super) const GREATEST_SHIFT: u64 = 1 << 15;

/// `0.digits * 10^point`: digits without trailing zeros; none for zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    digits: Vec<u8>,
    point: i64,
}

/// A power of two as a whole number over a power of ten.
struct Scale {
    unit: UBig,
    decimals: i64,
}

impl Scale {
    fn new(exponent: i64) -> Option<Self> {
        if exponent.unsigned_abs() > GREATEST_SHIFT {
            return None;
        }
        let shift = usize::try_from(exponent.unsigned_abs()).ok()?;
        Some(if exponent >= 0 {
            Self {
                unit: UBig::ONE << shift,
                decimals: 0,
            }
        } else {
            // 1 / 2^s is 5^s / 10^s.
            Self {
                unit: UBig::from(5u8).pow(shift),
                decimals: i64::try_from(shift).ok()?,
            }
        })
    }
}

impl Decimal {
    /// Zero.
    pub fn zero() -> Self {
        Self {
            digits: Vec::new(),
            point: 0,
        }
    }

    /// `mantissa * 2^exponent` in full; `None` where that is too long.
    pub fn exact(mantissa: UBig, exponent: i64) -> Option<Self> {
        let scale = Scale::new(exponent)?;
        Some(Self::of(&(mantissa * &scale.unit), scale.decimals))
    }

    /// `whole / 10^decimals`
    fn of(whole: &UBig, decimals: i64) -> Self {
        let digits = whole.to_string();
        let point = digits.len() as i64 - decimals;
        let mut decimal = Self {
            digits: digits.into_bytes(),
            point,
        };
        decimal.trim();
        decimal
    }

    /// The fewest digits that tell the number from its neighbours of `precision` bits, found as Go finds them: digit by digit
    /// against both bounds of what rounds to it.
    pub fn shortest(mantissa: &UBig, exponent: i64, precision: usize) -> Option<Self> {
        // A mantissa whose lowest bit weighs half of the last place.
        let shift = (precision + 1).saturating_sub(mantissa.bit_len());
        let mantissa = mantissa << shift;
        let scale = Scale::new(exponent - i64::try_from(shift).ok()?)?;
        let exact = &mantissa * &scale.unit;
        let lower = Self::of(&(&exact - &scale.unit), scale.decimals);
        let upper = Self::of(&(&exact + &scale.unit), scale.decimals);
        let inclusive = !mantissa.bit(1);
        Some(Self::of(&exact, scale.decimals).between(&lower, &upper, inclusive))
    }

    fn between(mut self, lower: &Self, upper: &Self, inclusive: bool) -> Self {
        let at = |decimal: &Self, index: usize| *decimal.digits.get(index).unwrap_or(&b'0');
        for (index, &digit) in self.digits.iter().enumerate() {
            let (low, high) = (at(lower, index), at(upper, index));
            let down = low != digit || (inclusive && index + 1 == lower.digits.len());
            let up =
                digit != high && (inclusive || digit + 1 < high || index + 1 < upper.digits.len());
            match (down, up) {
                (true, true) => self.round(index + 1),
                (true, false) => self.cut(index + 1),
                (false, true) => self.round_up(index + 1),
                (false, false) => continue,
            }
            break;
        }
        self
    }

    /// The digits, most significant first, without trailing zeros.
    pub fn digits(&self) -> &[u8] {
        &self.digits
    }

    /// Where the decimal point stands, counted from before the first digit.
    pub fn point(&self) -> i64 {
        self.point
    }

    /// Rounds to that many digits, halves to even.
    pub fn round(&mut self, count: usize) {
        let Some(&next) = self.digits.get(count) else {
            return;
        };
        let tie = next == b'5' && count + 1 == self.digits.len();
        let before = count.checked_sub(1).and_then(|last| self.digits.get(last));
        let up = if tie {
            before.is_some_and(|digit| digit % 2 == 1)
        } else {
            next >= b'5'
        };
        if up {
            self.round_up(count);
        } else {
            self.cut(count);
        }
    }

    fn round_up(&mut self, count: usize) {
        self.digits.truncate(count);
        while self.digits.last() == Some(&b'9') {
            self.digits.pop();
        }
        match self.digits.last_mut() {
            Some(last) => *last += 1,
            None => {
                self.digits.push(b'1');
                self.point += 1;
            }
        }
    }

    fn cut(&mut self, count: usize) {
        self.digits.truncate(count);
        self.trim();
    }

    fn trim(&mut self) {
        while self.digits.last() == Some(&b'0') {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.point = 0;
        }
    }

    /// As plain digits with a point where needed, without an exponent.
    pub fn to_fixed(&self) -> String {
        let decimals = (self.digits.len() as i64).saturating_sub(self.point).max(0);
        self.to_fixed_with(usize::try_from(decimals).unwrap_or_default())
    }

    /// As plain digits, with exactly so many after the point; those that are there must suffice.
    pub fn to_fixed_with(&self, decimals: usize) -> String {
        let whole = usize::try_from(self.point).unwrap_or_default();
        let digit = |index: i64| {
            let digit = usize::try_from(index)
                .ok()
                .and_then(|index| self.digits.get(index));
            char::from(*digit.unwrap_or(&b'0'))
        };
        let mut text = String::with_capacity(whole + decimals + 2);
        if whole == 0 {
            text.push('0');
        } else {
            text.extend((0..self.point).map(digit));
        }
        if decimals > 0 {
            text.push('.');
            text.extend((self.point..).take(decimals).map(digit));
        }
        text
    }
}
