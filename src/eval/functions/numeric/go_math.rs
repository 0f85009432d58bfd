//! Logarithms and powers to the last bit as Go computes them on 64-bit machines of Intel's kind: other implementations
//! round differently, and Terraform prints every digit.

/// The natural logarithm, by the method of FreeBSD's mathematical library.
pub(super) fn ln(num: f64) -> f64 {
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const EVEN: [f64; 3] = [
        1.531_383_769_920_937_3e-1,
        2.222_219_843_214_978_4e-1,
        3.999_999_999_940_942e-1,
    ];
    const ODD: [f64; 4] = [
        1.479_819_860_511_658_6e-1,
        1.818_357_216_161_805e-1,
        2.857_142_874_366_239e-1,
        6.666_666_666_666_735e-1,
    ];
    if !num.is_finite() || num <= 0.0 {
        return num.ln();
    }
    let (mut mantissa, mut exponent) = split(num);
    if mantissa < std::f64::consts::FRAC_1_SQRT_2 {
        mantissa *= 2.0;
        exponent -= 1;
    }
    let power = exponent as f64;
    let fraction = mantissa - 1.0;
    let ratio = fraction / (2.0 + fraction);
    let square = ratio * ratio;
    let fourth = square * square;
    let series = |terms: &[f64]| terms.iter().fold(0.0, |sum, term| term + fourth * sum);
    let rest = square * series(&ODD) + fourth * series(&EVEN);
    let half = 0.5 * fraction * fraction;
    power * LN2_HIGH - ((half - (ratio * (half + rest) + power * LN2_LOW)) - fraction)
}

/// The exponential function for moderate arguments, by Shibata's method: a series for a sixteenth, squared four times.
fn exp(num: f64) -> f64 {
    const LN2_HIGH: f64 = 0.693_147_180_559_663;
    const LN2_LOW: f64 = 2.823_529_056_303_157_7e-13;
    const TERMS: [f64; 8] = [
        2.480_158_730_158_73e-5,
        1.984_126_984_126_984e-4,
        1.388_888_888_888_889e-3,
        8.333_333_333_333_333e-3,
        4.166_666_666_666_667e-2,
        1.666_666_666_666_666_7e-1,
        0.5,
        1.0,
    ];
    let power = (num * std::f64::consts::LOG2_E).round_ties_even();
    let reduced = (-power).mul_add(LN2_HIGH, num);
    let reduced = (-power).mul_add(LN2_LOW, reduced) * 0.0625;
    let mut terms = TERMS.iter();
    let first = terms.next().copied().unwrap_or_default();
    let series = terms.fold(first, |sum, term| sum.mul_add(reduced, *term));
    let mut above_one = reduced * series;
    for _ in 0..3 {
        above_one *= above_one + 2.0;
    }
    scale((above_one + 2.0).mul_add(above_one, 1.0), power as i64)
}

/// `num` raised to `power`: whole powers by squaring the mantissa, the rest through the exponential function.
pub(super) fn pow(num: f64, power: f64) -> f64 {
    const GREATEST: f64 = 9.2e18;
    let special = num == 0.0 || num == 1.0 || !num.is_finite();
    if special || power.is_nan() || power.abs() > GREATEST || power == 0.0 || power == 1.0 {
        return num.powf(power);
    }
    if power == 0.5 {
        return num.sqrt();
    }
    if power == -0.5 {
        return 1.0 / num.sqrt();
    }
    let (mut whole, mut fraction) = (power.abs().trunc(), power.abs().fract());
    if fraction != 0.0 && num < 0.0 {
        return f64::NAN;
    }
    let mut result = 1.0;
    if fraction != 0.0 {
        if fraction > 0.5 {
            fraction -= 1.0;
            whole += 1.0;
        }
        result = exp(fraction * ln(num));
    }
    let (result, exponent) = whole_power(num, whole as u64, result);
    if power < 0.0 {
        scale(1.0 / result, -exponent)
    } else {
        scale(result, exponent)
    }
}

/// `result` times `num` to a whole power, and a power of two that goes with it.
fn whole_power(num: f64, power: u64, mut result: f64) -> (f64, i64) {
    const CATASTROPHIC: i64 = 1 << 12;
    let (mut mantissa, mut exponent) = split(num);
    let mut result_exponent = 0;
    let mut left = power;
    while left > 0 {
        if exponent.abs() > CATASTROPHIC {
            result_exponent += exponent;
            break;
        }
        if left & 1 == 1 {
            result *= mantissa;
            result_exponent += exponent;
        }
        mantissa *= mantissa;
        exponent *= 2;
        if mantissa < 0.5 {
            mantissa += mantissa;
            exponent -= 1;
        }
        left >>= 1;
    }
    (result, result_exponent)
}

/// A mantissa of magnitude in [0.5, 1) and the power of two that goes with it; for finite numbers other than zero.
fn split(num: f64) -> (f64, i64) {
    let (num, shift) = if num.abs() < f64::MIN_POSITIVE {
        (num * 2f64.powi(52), -52)
    } else {
        (num, 0)
    };
    let bits = num.to_bits();
    let exponent = i64::try_from((bits >> 52) & 0x7ff).unwrap_or_default() - 1022;
    let mantissa = f64::from_bits((bits & !(0x7ff << 52)) | (1022 << 52));
    (mantissa, exponent + shift)
}

/// `num` times a power of two, rounded at most once.
fn scale(num: f64, exponent: i64) -> f64 {
    if num == 0.0 || !num.is_finite() {
        return num;
    }
    let power = |exponent: i64| 2f64.powi(i32::try_from(exponent).unwrap_or_default());
    let (mantissa, own) = split(num);
    match own.saturating_add(exponent) {
        1025.. => f64::INFINITY.copysign(num),
        top @ -1021..=1024 => mantissa * 2.0 * power(top - 1),
        top @ -1080..=-1022 => mantissa * power(-1000) * power(top + 1000),
        _ => 0f64.copysign(num),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values are what `terraform console` 1.11 prints.
    #[test]
    fn rounds_as_terraform() {
        let powers = [
            (6.229016948897019, 3.4034812052266776, "505.58232193510105"),
            (985.0, 0.9665643123171954, "782.2555112830747"),
            (0.3554158221642391, 0.7046691341409093, "0.4824119528859242"),
            (0.5898043949248136, -36.0, "179685007.7229184"),
            (5.1288005419692055, 1.5, "11.615120364796434"),
        ];
        for (num, power, expected) in powers {
            assert_eq!(pow(num, power).to_string(), expected, "{num}^{power}");
        }
        let logarithms = [
            (50.0, 10.0, "1.6989700043360185"),
            (253.0, 10.0, "2.4031205211758175"),
            (74.0, 10.0, "1.8692317197309758"),
            (985.0, 2.0, "9.943979914343739"),
            (0.9357990765727112, 3.3, "-0.055576881314472325"),
        ];
        for (num, base, expected) in logarithms {
            assert_eq!((ln(num) / ln(base)).to_string(), expected, "{num}, {base}");
        }
    }
}
