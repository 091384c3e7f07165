//! What is opened, what is refused, and that neither tells a secret.
//!
//! The encrypted values were made with Laravel's own `Encrypter` (`encryptString`) under PHP 8.2.

use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::*;

const KEY: &str = "base64:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const PREVIOUS: &str = "base64:WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=";
const RAW: &str = "0123456789abcdef0123456789abcdef";
const SHORT: &str = "0123456789abcdef";

/// `{"auth_userid":"777","api_key":"k\/\u00e9"}` under `KEY`.
const COLUMN: &str = "eyJpdiI6InFvLzhJU2x2czFCeWl4UXBHQ0d0UVE9PSIsInZhbHVlIjoiTDZyK3FxaDNXYmJyMy9ocmNhV1VQVmFNSXVjaDhKT1hDVVI5ZllHMG44V0JsbWlxaHVCNVJyV29ML09tYVU3ViIsIm1hYyI6ImM4NDhjNTEzYjIyYmU4N2MyNWNhZjEyMTA2YjcyMTI2OGUxM2Y2ZmY4N2UwODczZjk0MGU1ODM1ZTdjN2M0MDQiLCJ0YWciOiIifQ==";
/// The same under `KEY` with AES-256-GCM.
const GCM: &str = "eyJpdiI6Ind6U1pqa3BWZGtHSnhLZHIiLCJ2YWx1ZSI6InVoNGgvbG1iVnNidVFWaWs3bGdxT2svNnU0WUZ3V1N4V2pHWEFBd04zMDl4aFJzUEFQMVE0NytyZGc9PSIsIm1hYyI6IiIsInRhZyI6Ikx4UTZQaWxjN2QzRmh0bzllejZvVkE9PSJ9";

fn encrypter(keys: &[&str]) -> Encrypter {
    Encrypter::new(&keys.iter().map(|key| SecretString::from(*key)).collect::<Vec<_>>()).unwrap()
}

fn open(keys: &[&str], payload: &str) -> Result<String> {
    Ok(encrypter(keys).decrypt_string(payload)?.expose_secret().to_owned())
}

#[test]
fn every_cipher_of_laravel_s_is_opened() {
    for (key, payload, plain) in [
        (KEY, COLUMN, r#"{"auth_userid":"777","api_key":"k\/\u00e9"}"#),
        (KEY, GCM, r#"{"auth_userid":"777","api_key":"k\/\u00e9"}"#),
        (
            RAW,
            "eyJpdiI6IkE4MmlQNjVPRGdLdEt1Y09KcEZ1VWc9PSIsInZhbHVlIjoiZERTNk5DYnNIWWJhUHhYeDEvRFJNeHRBZ0M0a0lkQ2ZVZ3VYUlJtcjYzSGtaUjRpRGNiSkdIRGh2TDhaSjJVMCIsIm1hYyI6IjliNDMxMjEzYTc5ODlkMjM4MTBkMDVlNDczNjZlZWFmZGRjOTdkYjM5NjRlNmIyZGM5MTZmN2E2Nzg3MmFlNTkiLCJ0YWciOiIifQ==",
            r#"{"auth_userid":"1","api_key":"raw"}"#,
        ),
        (
            SHORT,
            "eyJpdiI6ImIrYVU0VWI0VlFJeWxrSm56RTIrS0E9PSIsInZhbHVlIjoiY3JveUVsYzRTZmlGTXNOV3lJYlBDUzBtRmovbUllVXY1amFNRHQ3cmxMUzFDM21mUlYzc0RsVDl5OExnQTN3biIsIm1hYyI6IjdhZTUwNWY1MzBkNjA2YzkyMWI2MmFiMzBiMWMyMGMyMTk4OWNlM2YyNmMzMTA4MTZiZDYzODU3NzllYTk0MWEiLCJ0YWciOiIifQ==",
            r#"{"auth_userid":"2","api_key":"short"}"#,
        ),
        (
            SHORT,
            "eyJpdiI6IkJyNHVQS2w0Mk9wU3ZhTVkiLCJ2YWx1ZSI6IlArWlorT1FDQ0VoT1JTVnpXME5ReExYOXJiM3lseGkyWnRJcHByNHBQYndkIiwibWFjIjoiIiwidGFnIjoiRE5jNlRJVXVqQUxRVjhZN0RJdmdTdz09In0=",
            r#"{"auth_userid":"3","api_key":"g"}"#,
        ),
        (
            KEY,
            "eyJpdiI6IjlKVXozdmROaHJpcDAzckhwc04vZmc9PSIsInZhbHVlIjoiNlF3c1Q4MXIraFZmbzRqZ09UV1Ayai9LSUJrNmRjMkdqQWdOdlZGYm5ockZNREx5QnRodTJDV2FBOEdLR2RGY1pVMnlYTFZMVTJWQzZYL21JMUY5Y1E9PSIsIm1hYyI6ImUxNjVjZmQyMDU0Y2UwM2MwZGJkOTk3NDYzOTVhMWQyOWYyM2Q5NTI4ODcxZTZlM2YyMGI1ODc5ZDcyZmEzZTAiLCJ0YWciOiIifQ==",
            r#"{"username":"রহিম","password":"пароль😀"}"#,
        ),
        // Nothing, and a whole block: padding alone, and a block of padding.
        (
            KEY,
            "eyJpdiI6InJjb0dtWWtMYTZWK0NDYTVIbVVTU3c9PSIsInZhbHVlIjoiSWZSaUkvY1d0ZWVsR2VBSGpkNFdpZz09IiwibWFjIjoiMWY5NWU0YTUxNTBjMTczYjM0N2Y4YjU1YWQzNjBkMmFjYTM3OGFiNGNjMDRkYWEzOGY1N2U2NTIwNmIzM2VjNiIsInRhZyI6IiJ9",
            "",
        ),
        (
            KEY,
            "eyJpdiI6InZqMkVqZjJseXYzNUpwbzhHSzRPUFE9PSIsInZhbHVlIjoiV0pOY3hTSjVJR0RocTNGNytUYlIvWWcxQ0FqcWtMUm14MHg4THhVMTFLUT0iLCJtYWMiOiI1N2UzNmYyMzIyNzQ4MjM3ZDNhMGQwYjgxZDk5Zjg2YmNlZWI3Nzk1ODBmZDk2NGI4MGNlMzMwYjcwODFiNjc5IiwidGFnIjoiIn0=",
            "0123456789abcdef",
        ),
    ] {
        assert_eq!(open(&[key], payload).unwrap(), plain);
        // Base64 as PHP reads it: white space and missing padding do not matter.
        let folded = format!(" {}\n{}", &payload[..60], payload[60..].trim_end_matches('='));
        assert_eq!(open(&[key], &folded).unwrap(), plain);
    }
}

#[test]
fn a_long_value_is_opened_whole() {
    const LONG: &str = "eyJpdiI6Im90RFJVbUdLb051VEVlWUVvazNESlE9PSIsInZhbHVlIjoiOG1yeFRjVU9xVi93VUMzaElsODBUeVNXT3paZkNway9UemhyV002SFJTTThJS2JwYW1Dd3VRQjcrL0ovRzROVk9MTHFUd2M4UkRCbjJ6YzIyUHJieHhzQW41V28weGcwbXd0dm5SY3JJbUpNQUpta0FFRXhWMm9lMnFHVStTOW5TQTJOSVFKdFVIbnhwbWVoTjlRQUZZS0EzdGh1SCt0VEE0ZWU4aDljQ3Y5Q3dRYTkrMnFwZUdKb1o5WGdrR3pOTTM0WXE3ZlBvWU00Nll5ZmFYTk1OQU5IUDBKS3pXVzBLL0FSTW8xNjJYWWtkdmpLcFZySElYTmdPMERWSnJ1ZGVheCs1VGkwSHJoVDAxOEtzWGhDb1NVNFRHQTNYamh3ZUtyWTNsNmhDa20yUHVWTDkxVGQ4Tk1uZWFiUTJxeHZoZ2g0QWtTVm9IZXFtblNjU1ljbFd0eVk3RlN4N3daSHNLTDN1V3JiTkZrdDhhZE9xTW1NeUZoVGFVclgyaTBlcFExUWY3bld3TnpjQmE1OWVBQkFtYWdROU9iR1o1aXAwMFFOYk9YTEs0UWFDeld0VkFlZU1QelpCV3JHYnByNjZGa2R2R0l6MU5yVUx0NERtNUhjY0lzTlRvNWN6MzRub0d6a2xYcS9HQ0xJdHJTVXlOcFRyaHJBSURoOWhwaFlDSW90aFV3WG9qblZBbVVPSmp2aW5SQVJUZWZOQjgyNC9vZHBSQy9PbjRhbzA2QS9iWEZheWVMTFIwQUVTZll6S2V1TUkyRWxaWGMwY1R5dFJBS3RUeFp2QVVvVG5QVjdxS1lJT3hzOU1WcFdSWG8ycXVaS0dBWUZaWFdkREdza2lNdHN0QTRRZ3RyR0daTEJBZzlpUkdCU0JQcE9NNnY2NVh0UWxOQTJxNmU5WHoweEhSNjBLWlh3djJKVXFkOUpTUGlOZkpsQ3p6T2txbE5iM2MzalJoUXUvZE4wUGpIT1ZJZmc3a0QxSWtJNXJ1ZHhHSU9kUGlVNng2eTRUZS9pMkZMa1VCTFFGbUVjdmtKMlRCaGw3YlZHUHZhSXdaV2dBcXowQm1WVllUcmcxVzhBTnZTWisvUG5LeDhScGJMejh4RFZCU2hMajlOTGtvUzM0MWE1YkE9PSIsIm1hYyI6Ijc1NTdlZTg2M2YzMmUzMzUyMDViOTNhODNiZTk2YzI2MjMyY2JlOGYxZjg1ZmY2ZGNjOTFiZTRiNWZjMmI0NjMiLCJ0YWciOiIifQ==";
    let credentials = encrypter(&[KEY]).credentials(LONG).unwrap();
    assert_eq!(credentials["auth_userid"].expose_secret(), "777");
    assert_eq!(credentials["api_key"].expose_secret(), "0123456789".repeat(60));
}

#[test]
fn previous_keys_are_tried_after_the_first() {
    const OLD: &str = "eyJpdiI6Ik83R2Yrdk1ZUHdkNW5nMVhJQUpwM2c9PSIsInZhbHVlIjoiV3Jld2JGS1hIZm04RFVGei9jc2M4M3RzbFEvWlZDU2doaUN3cjRQR0twZ3dJVVVzRGxNNlBWQUJUdXdnN05icCIsIm1hYyI6IjdiMGFkZGU3YzlmYTE4ZWE0NDRjYjBjZGU3MjgyOTRiNDdiZGU2MTE0NmZlYzFiYmFhYTJmNjk5OTliY2E4ZGUiLCJ0YWciOiIifQ==";
    let plain = r#"{"auth_userid":"888","api_key":"old"}"#;
    assert_eq!(open(&[KEY, SHORT, PREVIOUS], OLD).unwrap(), plain);
    assert_eq!(open(&[PREVIOUS, KEY], OLD).unwrap(), plain);
    assert_eq!(open(&[SHORT, PREVIOUS, KEY], GCM).unwrap(), open(&[KEY], GCM).unwrap());
}

#[test]
fn a_wrong_key_is_told_apart_from_a_wrong_value() {
    for payload in [COLUMN, GCM] {
        let error = open(&[PREVIOUS, SHORT], payload).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().starts_with("APP_KEY is not the one that encrypted it"), "{error}");
        let error = open(&[], payload).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("no key is configured"), "{error}");
    }
    let base64 = |json: &str| base64::engine::general_purpose::STANDARD.encode(json);
    for payload in [
        "",
        "hunter2",
        "Zm9v",
        &base64("null"),
        &base64("[]"),
        &base64("{}"),
        &base64(r#"{"iv":1,"value":"","mac":""}"#),
        &base64(r#"{"iv":"AQ==","value":"AQ==","mac":"","tag":""}"#),
        // A tag belongs to AES-GCM, whose nonce is shorter.
        &base64(r#"{"iv":"AQEBAQEBAQEBAQEBAQEBAQ==","value":"AQ==","mac":"","tag":"AQEBAQEBAQEBAQEBAQEBAQ=="}"#),
        // A tag cut short would be guessed sooner.
        &base64(r#"{"iv":"AQEBAQEBAQEBAQEB","value":"AQ==","mac":"","tag":"AQEB"}"#),
        &base64(r#"{"iv":"AQEBAQEBAQEBAQEBAQEBAQ==","value":"AQ==","mac":"AB","tag":""}"#),
    ] {
        let error = open(&[KEY], payload).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store, "{payload}");
        assert!(error.to_string().starts_with("it is no value that Laravel encrypted"), "{payload}: {error}");
    }
}

/// Both have a right mac; the cipher text was never made by AES with PKCS#7.
#[test]
fn a_damaged_value_under_a_right_mac_says_so() {
    for payload in [
        "eyJpdiI6IkFRRUJBUUVCQVFFQkFRRUJBUUVCQVE9PSIsInZhbHVlIjoiQWdJQ0FnSUNBZ0lDQWdJQ0FnSUNBZ0lDQWdJQ0FnSUNBZ0lDQWdJQ0FnST0iLCJtYWMiOiI0MTdmYmIxYzEyZTI0ODNjNDg0ZDg2ODliMmIxNTUzNjAwNjkxNDEzYTZmYmI1YzQ5NjI1Y2VlZDA5YjMwOWYzIiwidGFnIjoiIn0=",
        "eyJpdiI6IkFRRUJBUUVCQVFFQkFRRUJBUUVCQVE9PSIsInZhbHVlIjoiQWdJQ0FnSUNBZ0lDQWdJQ0FnSUNBZ0lDQWdJQ0FnSUNBZ0lDQWdJQ0FnPT0iLCJtYWMiOiJiZmUxOWFjNjIxMmQ0NmU1YTI2MjlhOGU5ZWUxNmMxYWY5YWRhOWQxYWU5NjE2Y2FjY2EzMzYyOTg2YmZlZGJkIiwidGFnIjoiIn0=",
    ] {
        let error = open(&[KEY], payload).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store);
        assert!(error.to_string().contains("padding"), "{error}");
    }
}

#[test]
fn credentials_are_read_encrypted_or_plain_and_single_values_become_texts() {
    const SCALARS: &str = "eyJpdiI6IkRyQmpucFByY2Exd2FOcTdiZVc1T0E9PSIsInZhbHVlIjoiRlJwTFhvdUpSWXI3UWYwTjFTU2orakFFUHpTY1hBNFR2eTBiN2ZZbnhHRFNEKzgyZFVPRlFYbzFlRDE2cmgvZmtqTjEvdFdHUmpTcUJneEJvZnd0K0RuS2pteWJtT0FSbUt1RFBYRWErY2s9IiwibWFjIjoiYWU5NGViMzc1OGY0NTc0OTBkNjUxZWY2NjIwNmRlZDY2MDgxN2ExMzIxM2RiNWQwNGQyNGU3ZGNkNDdhMTY1ZSIsInRhZyI6IiJ9";
    let plain = r#" {"auth_userid":777,"test":true,"rate":1.5,"none":null,"empty":"","api_key":"x"}"#;
    for column in [SCALARS, plain] {
        let credentials = encrypter(&[KEY]).credentials(column).unwrap();
        let told: Vec<_> = credentials.iter().map(|(key, value)| (key.as_str(), value.expose_secret())).collect();
        assert_eq!(told, [("api_key", "x"), ("auth_userid", "777"), ("rate", "1.5"), ("test", "true")]);
    }
    assert_eq!(encrypter(&[]).credentials(plain).unwrap().len(), 4, "a plain column needs no key");
}

#[test]
fn no_error_and_no_debug_print_tells_a_secret() {
    for column in [
        // {"auth_userid":{"secret":"hunter2"}}, hunter2, ["hunter2"] and bytes that are no UTF-8, encrypted.
        "eyJpdiI6IjdnTGJYZ0JDK1Q2eGRQd2JZaUZXb1E9PSIsInZhbHVlIjoieTdoZ1FPeVQ2VW5yOERFeXI3OE0vZGFSblRlVlNMQ3M0ZnM3R09OYkY4VVdVdFM1WGVHam5zaG5zWkgzQzFTSiIsIm1hYyI6ImExMjU3Zjk4Yjg5MGUyNGM4NGRmNDIxZDQ1OTVlZThlYzc4OTI0MWVkODFkYzg5MDA5YWQyNmRmNzBlOGVhYTgiLCJ0YWciOiIifQ==",
        "eyJpdiI6ImJjVU5Nc1VqakJIZXFVaEF2cHZtV3c9PSIsInZhbHVlIjoiaGhMSkF1M3FGb1lYS2l5c25hTHlWQT09IiwibWFjIjoiYWEwYTc2ZDMyYWRjYTk4MmNmNTI3YzJkZmFmYjZhNmEyZjVkZmM3MzFkMTJmZTVlNTczZjMwYjBhYzgyMGM2YyIsInRhZyI6IiJ9",
        "eyJpdiI6IlhuNEt4VWtpQy9oSzhEZGIrVFlDbGc9PSIsInZhbHVlIjoiVVBick83WmxxTy9nSFlvNk8vVHl3QT09IiwibWFjIjoiMGZkYjhkYzI5NGJmYzQ2ZDkwZTg0Y2QwNzhhZTFhYjkwNzBkODU1NzNjMjljYjgzNmZiZjg5MDY1OTk0MmFlOSIsInRhZyI6IiJ9",
        "eyJpdiI6Ikl0dzIyV0MxbTZWNEdkM05MSXpQRVE9PSIsInZhbHVlIjoiakhZWGMwWlVQeFJTV21NaS9HYXQrQT09IiwibWFjIjoiMjA5NDFkY2YwMzk0ZDY5NWRlOGRjOGEyZDg3OTdhMDQ3NWNmN2JjZGEwNzgyOWNkYmM0YmMxNDY0NmZhZDY2OSIsInRhZyI6IiJ9",
        r#"{"api_key":["hunter2"]}"#,
        r#"{"api_key":"hunter2""#,
        "hunter2",
    ] {
        let error = encrypter(&[KEY]).credentials(column).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store);
        assert!(!format!("{error:?} {error}").contains("hunter2"), "S6.9: {error:?}");
    }
    let printed = format!("{:?}", encrypter(&[RAW]));
    assert_eq!(printed, "Encrypter { .. }", "S6.9");
}

#[test]
fn a_text_that_is_no_key_is_refused_by_its_place_and_not_told() {
    let long = format!("base64:{}", "A".repeat(64));
    for text in ["", "hunter2", "base64:", "base64:aHVudGVyMg==", &long] {
        let keys: Vec<SecretString> = vec![KEY.into(), RAW.into(), text.into()];
        let error = Encrypter::new(&keys).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().starts_with("config `previous_keys.1`: expected `base64:`"), "{error}");
        assert!(!format!("{error:?}").contains("hunter2"), "S6.9: {error:?}");
        let error = Encrypter::new(&keys[2..]).unwrap_err();
        assert!(error.to_string().starts_with("config `app_key`: "), "{error}");
    }
}

/// The JSON within `COLUMN` or `GCM`, with one byte changed.
fn mutated() -> impl Strategy<Value = (String, bool)> {
    let json = prop_oneof![Just(decode(COLUMN)), Just(decode(GCM))];
    (json, any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut json, place, byte)| {
        let place = place.index(json.len());
        let same = json[place] == byte;
        json[place] = byte;
        (base64::engine::general_purpose::STANDARD.encode(json), same)
    })
}

proptest! {
    #[test]
    fn arbitrary_texts_are_refused(text in any::<String>(), base64 in "[A-Za-z0-9+/=]{0,300}") {
        let encrypter = encrypter(&[KEY, SHORT]);
        for text in [text, base64] {
            prop_assert!(encrypter.decrypt_string(&text).is_err());
            let _ = encrypter.credentials(&text);
        }
    }

    #[test]
    fn arbitrary_parts_are_refused(iv in prop::collection::vec(any::<u8>(), 0..20), value in any::<Vec<u8>>(), mac in "[0-9a-f]{64}|.{0,70}", tag in prop::collection::vec(any::<u8>(), 0..20)) {
        let base64 = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
        let payload = serde_json::json!({"iv": base64(&iv), "value": base64(&value), "mac": mac, "tag": base64(&tag)});
        prop_assert!(encrypter(&[KEY, SHORT]).decrypt_string(&base64(payload.to_string().as_bytes())).is_err());
    }

    #[test]
    fn a_changed_byte_never_opens_to_anything_else((payload, same) in mutated()) {
        match open(&[KEY], &payload) {
            // Names of keys that are not read and lax base64 leave a few places free.
            Ok(plain) => prop_assert_eq!(plain, open(&[KEY], COLUMN).unwrap()),
            Err(_) => prop_assert!(!same),
        }
    }
}
