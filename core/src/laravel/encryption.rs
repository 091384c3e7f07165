//! Columns that Laravel encrypted: base64 of `{"iv","value","mac","tag"}`.
//!
//! Source: `Illuminate\Encryption\Encrypter`. AES-CBC with PKCS#7 carries an HMAC-SHA256 over the base64 texts of iv and
//! value, which is checked before anything is decrypted; AES-256-GCM carries a tag and an empty mac.

use std::collections::BTreeMap;
use std::fmt;

use aes::cipher::{BlockModeDecrypt, KeyIvInit, block_padding::Pkcs7};
use aes_gcm::{Aes256Gcm, KeyInit, aead::Aead};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;

use crate::{Error, ErrorKind, Result};

/// Opens what Laravel encrypted, with the application's key and its previous ones.
#[derive(Clone)]
pub struct Encrypter {
    keys: Vec<SecretSlice<u8>>,
}

impl fmt::Debug for Encrypter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encrypter").field("keys", &self.keys.len()).finish()
    }
}

#[derive(Deserialize)]
struct Payload {
    iv: String,
    value: String,
    #[serde(default)]
    mac: String,
    #[serde(default)]
    tag: Option<String>,
}

/// A key of Laravel's: `base64:` and 16 or 32 bytes, or as many characters. Fails with `config`.
pub(crate) fn key(text: &SecretString) -> Result<SecretSlice<u8>> {
    let text = text.expose_secret().trim();
    let bytes = match text.strip_prefix("base64:") {
        Some(encoded) => STANDARD.decode(encoded).map_err(|_| bad_key("what follows `base64:` is not base64"))?,
        None => text.as_bytes().to_vec(),
    };
    match bytes.len() {
        16 | 32 => Ok(bytes.into()),
        other => Err(bad_key(&format!("it has {other} bytes, AES takes 32 (or 16)"))),
    }
}

fn bad_key(problem: &str) -> Error {
    Error::config("app_key", format_args!("{problem}: give APP_KEY as `php artisan key:generate` prints it, `base64:…`"))
}

fn bad_value(problem: &'static str) -> Error {
    Error::new(ErrorKind::Config, problem)
}

impl Encrypter {
    /// An encrypter for these keys, tried in this order. Fails with `config` for a text that is no key.
    pub fn new(keys: &[SecretString]) -> Result<Self> {
        keys.iter().map(key).collect::<Result<_>>().map(|keys| Self { keys })
    }

    /// Opens an encrypted value. Nothing is decrypted before its authenticity is proved.
    ///
    /// Fails with `config` where it is no encrypted value, or where no key is the right one.
    pub fn decrypt(&self, payload: &str) -> Result<SecretString> {
        const NOT_ENCRYPTED: &str = "the value is not one that Laravel encrypted";
        let json = STANDARD.decode(payload.trim()).map_err(|_| bad_value(NOT_ENCRYPTED))?;
        let payload: Payload = serde_json::from_slice(&json).map_err(|_| bad_value(NOT_ENCRYPTED))?;
        let decode = |text: &str| STANDARD.decode(text).map_err(|_| bad_value(NOT_ENCRYPTED));
        let (iv, value) = (decode(&payload.iv)?, decode(&payload.value)?);
        let tag = payload.tag.as_deref().filter(|tag| !tag.is_empty()).map(decode).transpose()?;
        if self.keys.is_empty() {
            return Err(bad_value("the value is encrypted and there is no key to open it: give app_key (APP_KEY)"));
        }
        for key in &self.keys {
            let key = key.expose_secret();
            let opened = match &tag {
                Some(tag) => open_gcm(key, &iv, &value, tag),
                None => open_cbc(key, &iv, &value, &payload),
            };
            if let Some(bytes) = opened? {
                let text = String::from_utf8(bytes).map_err(|_| bad_value("the decrypted value is not valid UTF-8"))?;
                return Ok(text.into());
            }
        }
        Err(bad_value("APP_KEY is not the key that encrypted the value: give the application's app_key, or the older key in previous_keys"))
    }

    /// Reads credentials: an encrypted JSON object, or a plain one where an operator left the column so. Numbers and
    /// booleans become texts.
    ///
    /// Fails with `config` as [`decrypt`](Self::decrypt) does, and for anything but an object of scalars.
    pub fn credentials(&self, column: &str) -> Result<BTreeMap<String, SecretString>> {
        let column = column.trim();
        let opened = if column.starts_with('{') { SecretString::from(column) } else { self.decrypt(column)? };
        let wrong = || bad_value("the credentials are no JSON object of texts, such as {\"auth_userid\":\"…\",\"api_key\":\"…\"}");
        let Ok(Value::Object(map)) = serde_json::from_str::<Value>(opened.expose_secret()) else { return Err(wrong()) };
        let mut credentials = BTreeMap::new();
        for (name, value) in map {
            let text = match value {
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                Value::Bool(flag) => flag.to_string(),
                Value::Null => continue,
                Value::Array(_) | Value::Object(_) => return Err(wrong()),
            };
            credentials.insert(name, text.into());
        }
        Ok(credentials)
    }
}

/// `None` where the key is not the right one.
fn open_cbc(key: &[u8], iv: &[u8], value: &[u8], payload: &Payload) -> Result<Option<Vec<u8>>> {
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(key) else { return Ok(None) };
    mac.update(payload.iv.as_bytes());
    mac.update(payload.value.as_bytes());
    let Some(claimed) = unhex(&payload.mac) else { return Ok(None) };
    // In constant time.
    if mac.verify_slice(&claimed).is_err() {
        return Ok(None);
    }
    let broken = || bad_value("the encrypted value is damaged: its padding is wrong");
    let opened = match key.len() {
        32 => cbc::Decryptor::<aes::Aes256>::new_from_slices(key, iv).map_err(|_| broken())?.decrypt_padded_vec::<Pkcs7>(value),
        _ => cbc::Decryptor::<aes::Aes128>::new_from_slices(key, iv).map_err(|_| broken())?.decrypt_padded_vec::<Pkcs7>(value),
    };
    opened.map(Some).map_err(|_| broken())
}

/// `None` where the key is not the right one.
fn open_gcm(key: &[u8], iv: &[u8], value: &[u8], tag: &[u8]) -> Result<Option<Vec<u8>>> {
    let (Ok(cipher), Ok(nonce), 16) = (Aes256Gcm::new_from_slice(key), <[u8; 12]>::try_from(iv), tag.len()) else {
        return Ok(None);
    };
    let sealed = [value, tag].concat();
    Ok(cipher.decrypt(&nonce.into(), sealed.as_slice()).ok())
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let bytes = text.as_bytes();
    if !bytes.len().is_multiple_of(2) {
        return None;
    }
    bytes.chunks_exact(2).map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.last()?)?)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: &str = "base64:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const OTHER: &str = "base64:ISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0A=";
    const PLAIN: &str = r#"{"auth_userid":"777","api_key":"k\/\u00e9"}"#;
    const CBC: &str = "eyJpdiI6InFvLzhJU2x2czFCeWl4UXBHQ0d0UVE9PSIsInZhbHVlIjoiTDZyK3FxaDNXYmJyMy9ocmNhV1VQVmFNSXVjaDhKT1hDVVI5ZllHMG44V0JsbWlxaHVCNVJyV29ML09tYVU3ViIsIm1hYyI6ImM4NDhjNTEzYjIyYmU4N2MyNWNhZjEyMTA2YjcyMTI2OGUxM2Y2ZmY4N2UwODczZjk0MGU1ODM1ZTdjN2M0MDQiLCJ0YWciOiIifQ==";
    // Made with PHP's openssl_encrypt($plain, 'aes-256-gcm', $key, 0, $iv, $tag), laid out as Laravel does.
    const GCM: &str = "eyJpdiI6IllXSmpaR1ZtWjJocGFtdHMiLCJ2YWx1ZSI6ImhCVVdLbldMcWNGanRHdmQwaTl4THU3ZHNOSld3aUZjbmpBajBlbTNNMVFrdTI5Q3hrQ0lreFNoZlE9PSIsIm1hYyI6IiIsInRhZyI6Ilp3RmxyU3l2eitFRkpJbmlEUGVQVWc9PSJ9";

    fn encrypter(keys: &[&str]) -> Encrypter {
        Encrypter::new(&keys.iter().map(|key| SecretString::from(*key)).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn what_laravel_encrypted_is_opened() {
        for payload in [CBC, GCM] {
            assert_eq!(encrypter(&[KEY]).decrypt(payload).unwrap().expose_secret(), PLAIN);
            assert_eq!(encrypter(&[OTHER, KEY]).decrypt(payload).unwrap().expose_secret(), PLAIN, "previous keys");
        }
        let credentials = encrypter(&[KEY]).credentials(CBC).unwrap();
        assert_eq!(credentials["api_key"].expose_secret(), "k/é");
    }

    #[test]
    fn a_wrong_key_says_so_and_shows_nothing() {
        for payload in [CBC, GCM] {
            let error = encrypter(&[OTHER]).decrypt(payload).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().starts_with("APP_KEY is not the key"), "{error}");
        }
        assert!(encrypter(&[]).decrypt(CBC).unwrap_err().to_string().contains("no key"));
        assert_eq!(format!("{:?}", encrypter(&[KEY])), "Encrypter { keys: 1 }", "S6.9");
    }

    #[test]
    fn a_text_that_is_no_key_is_refused() {
        for text in ["", "base64:AAEC", "base64:%%%", "short"] {
            let error = Encrypter::new(&[text.into()]).unwrap_err();
            assert!(error.to_string().starts_with("config `app_key`: "), "{error}");
        }
        assert!(Encrypter::new(&["0123456789abcdef0123456789abcdef".into()]).is_ok());
    }

    #[test]
    fn plain_credentials_are_read_and_nonsense_is_not() {
        let read = encrypter(&[]).credentials(r#"{"auth_userid": 777, "api_key": "k", "more": null}"#).unwrap();
        assert_eq!((read["auth_userid"].expose_secret(), read.len()), ("777", 2));
        for text in ["{", "[]", "\"x\"", r#"{"a": []}"#, "%%", "e30="] {
            assert_eq!(encrypter(&[KEY]).credentials(text).unwrap_err().kind(), ErrorKind::Config, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_or_open(text in ".*") {
            prop_assert!(encrypter(&[KEY]).decrypt(&text).is_err());
        }

        #[test]
        fn a_changed_byte_is_noticed(place in 0usize..230, byte in any::<u8>()) {
            let mut json = STANDARD.decode(CBC).unwrap();
            let place = place % json.len();
            prop_assume!(json[place] != byte);
            json[place] = byte;
            if let Ok(opened) = encrypter(&[KEY]).decrypt(&STANDARD.encode(&json)) {
                prop_assert_eq!(opened.expose_secret(), PLAIN);
            }
        }
    }
}
