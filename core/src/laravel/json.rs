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
    match number.as_f64() {
        Some(float) if number.is_f64() => write_float(out, float),
        _ => push(out, format_args!("{number}")),
    }
}

/// PHP's `smart_str_append_double`: the shortest digits that read back, with an exponent where the point would stand
/// more than 17 digits after or more than 3 before the first of them.
fn write_float(out: &mut String, float: f64) {
    // Rust gives the same shortest digits, as `-1.2345e-7`.
    let scientific = format!("{float:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..17).contains(&exponent) {
        push(out, format_args!("{float}"));
    } else {
        let point = if mantissa.contains('.') { "" } else { ".0" };
        push(out, format_args!("{mantissa}{point}e{exponent:+}"));
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

    /// The registrar's row of schema.md, as PHP wrote it (S4.4).
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
            any::<f64>().prop_filter("JSON has no infinity", |float| float.is_finite()).prop_map(Value::from),
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

    /// Equal but for a whole float, which PHP too writes as a whole number.
    fn same(left: &Value, right: &Value) -> bool {
        match (left, right) {
            (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
            (Value::Array(left), Value::Array(right)) => {
                left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
            }
            (Value::Object(left), Value::Object(right)) => {
                left.len() == right.len()
                    && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| same(value, other)))
            }
            (left, right) => left == right,
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_ascii_and_reads_back(value in values()) {
            let text = encode(&value);
            prop_assert!(text.is_ascii());
            let read: Value = serde_json::from_str(&text).unwrap();
            prop_assert!(same(&value, &read), "{text}");
        }
    }
}
