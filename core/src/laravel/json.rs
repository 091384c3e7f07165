//! JSON as PHP's `json_encode` writes it with its default flags, so that columns look as the application's own do.

use std::fmt::Write as _;

use serde_json::{Number, Value};

/// What `json_encode($value)` gives, byte for byte: `/` as `\/`, everything beyond ASCII as `\uXXXX`, floats as PHP
/// prints them with `serialize_precision` -1.
///
/// An empty object stays one. Whole numbers are written whole, those above PHP's largest too.
pub fn encode(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value);
    out
}

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(out, number),
        Value::String(text) => write_text(out, text),
        Value::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write_value(out, item);
            }
            out.push(']');
        }
        Value::Object(entries) => {
            out.push('{');
            for (place, (key, item)) in entries.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write_text(out, key);
                out.push(':');
                write_value(out, item);
            }
            out.push('}');
        }
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '/' => out.push_str("\\/"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='\u{7f}' => out.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    push(out, format_args!("\\u{unit:04x}"));
                }
            }
        }
    }
    out.push('"');
}

fn write_number(out: &mut String, number: &Number) {
    // serde_json gives the shortest digits that read back, of two such the even one, and so does PHP.
    let text = number.to_string();
    if !number.is_f64() {
        out.push_str(&text);
        return;
    }
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |text| ("-", text));
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = [whole, fraction].concat();
    let digits = all.trim_start_matches('0');
    let leading = all.len() - digits.len();
    let digits = digits.trim_end_matches('0');
    // Where the point stands, counted from the first digit.
    let point = exponent.parse::<i64>().unwrap_or_default() + whole.len() as i64 - leading as i64;
    out.push_str(sign);
    write_digits(out, digits, point);
}

/// PHP's `php_gcvt` with 17 digits: an exponent where the point would stand more than 17 digits after or more than 3
/// before the first of them.
fn write_digits(out: &mut String, digits: &str, point: i64) {
    let Some((first, rest)) = digits.split_at_checked(1) else {
        out.push('0');
        return;
    };
    let length = digits.len() as i64;
    match point {
        -3..=0 => push(out, format_args!("0.{:0<zeros$}{digits}", "", zeros = point.unsigned_abs() as usize)),
        1..=17 if point >= length => push(out, format_args!("{digits:0<width$}", width = point as usize)),
        1..=17 => {
            let (whole, fraction) = digits.split_at(point as usize);
            push(out, format_args!("{whole}.{fraction}"));
        }
        _ => {
            let rest = if rest.is_empty() { "0" } else { rest };
            push(out, format_args!("{first}.{rest}e{:+}", point - 1));
        }
    }
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = out.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// Each line as PHP 8.2 printed it: `echo json_encode($float)`.
    #[test]
    fn floats_are_printed_as_php_prints_them() {
        for (float, wanted) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (10.0, "10"),
            (0.1, "0.1"),
            (-2.5, "-2.5"),
            (110.25, "110.25"),
            (0.1 + 0.2, "0.30000000000000004"),
            (123456.789, "123456.789"),
            (1e15, "1000000000000000"),
            (999999999999999.9, "999999999999999.9"),
            (1_587_402_319_284_000.0 + 0.25, "1587402319284000.2"),
            (12345678901234567.0, "12345678901234568"),
            (99999999999999980.0, "99999999999999980"),
            (1e16, "10000000000000000"),
            (1e17, "1.0e+17"),
            (1.5e17, "1.5e+17"),
            (1.8446744073709552e19, "1.8446744073709552e+19"),
            (1.5e300, "1.5e+300"),
            (0.001, "0.001"),
            (0.0001, "0.0001"),
            (0.00012345, "0.00012345"),
            (0.00001, "1.0e-5"),
            (1.5e-7, "1.5e-7"),
            (1e-10, "1.0e-10"),
            (5e-324, "5.0e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
        ] {
            assert_eq!(encode(&json!(float)), wanted);
        }
    }

    /// As above, for `"a/b\"\\\x08\x0c\n\r\t\x00\x1f\x7f é ৳ 😀 \u{2028} <>&'"`.
    #[test]
    fn texts_are_escaped_as_php_escapes_them() {
        let text = "a/b\"\\\u{8}\u{c}\n\r\t\0\u{1f}\u{7f} é ৳ 😀 \u{2028} <>&'";
        let wanted =
            concat!(r#""a\/b\"\\\b\f\n\r\t\u0000\u001f"#, "\u{7f}", r#" \u00e9 \u09f3 \ud83d\ude00 \u2028 <>&'""#);
        assert_eq!(encode(&json!(text)), wanted);
    }

    #[test]
    fn structures_have_no_spaces_and_an_empty_object_stays_one() {
        assert_eq!(encode(&json!({})), "{}");
        assert_eq!(encode(&json!([])), "[]");
        assert_eq!(
            encode(&json!({"b": [true, false, -1, i64::MAX, i64::MIN, null]})),
            r#"{"b":[true,false,-1,9223372036854775807,-9223372036854775808,null]}"#
        );
        assert_eq!(encode(&json!({"k/é": {"": ""}})), r#"{"k\/\u00e9":{"":""}}"#);
        assert_eq!(encode(&json!(u64::MAX)), "18446744073709551615");
    }

    /// S4.4.
    #[test]
    fn bookkeeping_looks_as_the_application_writes_it() {
        assert_eq!(
            encode(&json!({"synced_at": "2026-11-23T02:43:43+00:00"})),
            r#"{"synced_at":"2026-11-23T02:43:43+00:00"}"#
        );
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_ascii_and_reads_back(value in values()) {
            let text = encode(&value);
            prop_assert!(text.is_ascii());
            prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        }

        #[test]
        fn a_float_reads_back_exactly(float in any::<f64>().prop_filter("JSON has no infinity", |float| float.is_finite())) {
            prop_assert_eq!(encode(&json!(float)).parse::<f64>().unwrap().to_bits(), float.to_bits());
        }
    }
}
