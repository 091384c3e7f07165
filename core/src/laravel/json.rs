//! JSON as PHP's `json_encode` writes it with its default flags: `\/`, and `\u` for everything beyond ASCII.

use std::fmt::Write as _;

use serde_json::Value;

/// The text that `json_encode` gives for a value.
pub fn encode(value: &Value) -> String {
    let mut text = String::with_capacity(128);
    write(&mut text, value);
    text
}

fn write(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => write_number(out, number),
        Value::String(text) => write_text(out, text),
        Value::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write(out, item);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (place, (key, item)) in map.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write_text(out, key);
                out.push(':');
                write(out, item);
            }
            out.push('}');
        }
    }
}

/// PHP prints the shortest digits that read back, with an exponent from 1.0e+17 up and below 0.0001
/// (`serialize_precision` -1), and a whole float without a point.
fn write_number(out: &mut String, number: &serde_json::Number) {
    let Some(float) = number.as_f64().filter(|_| number.is_f64()) else {
        out.push_str(&number.to_string());
        return;
    };
    let digits = format!("{float:e}");
    let (mantissa, exponent) = digits.split_once('e').unwrap_or((&digits, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if float != 0.0 && !(-4..17).contains(&exponent) {
        let point = if mantissa.contains('.') { "" } else { ".0" };
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(out, "{mantissa}{point}e{sign}{}", exponent.abs());
    } else {
        let _ = write!(out, "{float}");
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
                    // Writing to a text cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    // The texts on the right are what PHP 8.2 printed for the same values.
    #[test]
    fn texts_are_those_of_php() {
        for (value, wanted) in [
            (json!({"a/b": "c/d"}), r#"{"a\/b":"c\/d"}"#),
            (json!("k/é€😀"), r#""k\/\u00e9\u20ac\ud83d\ude00""#),
            (json!("\"\\\u{8}\u{c}\n\r\t\u{1}\u{7f}"), "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\u{7f}\""),
            (json!([true, false, null, 1, -2]), "[true,false,null,1,-2]"),
            (json!({}), "{}"),
            (json!([]), "[]"),
            (json!([0.1, 10.0, 1.5e300, -0.00001, 0.0]), "[0.1,10,1.5e+300,-1.0e-5,0]"),
            (json!([1e15, 9.9e16, 1e17, 123456789012345680.0, 0.0001]), "[1000000000000000,99000000000000000,1.0e+17,1.2345678901234568e+17,0.0001]"),
        ] {
            assert_eq!(encode(&value), wanted, "{value}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(text in ".*", number in any::<i64>()) {
            let value = json!({"text": text, "list": [number, {"deep": text}]});
            let written = encode(&value);
            prop_assert!(written.is_ascii());
            prop_assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), value);
        }
    }
}
