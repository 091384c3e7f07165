//! Laravel's encrypted columns (`encrypted:json` casts), written from the framework's format and not from the engine's code,
//! so that one checks the other.
//!
//! The column is the base64 of a JSON object `{"iv","value","mac","tag"}`. With AES-256-CBC `mac` is the lower-case hex
//! HMAC-SHA256 of the base64 texts of iv and value, and `tag` is empty; with AES-256-GCM it is the other way round.

use aes::Aes256;
use aes_gcm::aead::Aead;
use aes_gcm::aead::KeyInit as _;
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;

/// The APP_KEY of every seeded database: public on purpose, good for nothing else.
pub const DEMO_APP_KEY: &str = "base64:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// The ciphers that the application can be configured with (`app.cipher`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cipher {
    /// `AES-256-CBC`, Laravel's default.
    #[default]
    Aes256Cbc,
    /// `AES-256-GCM`.
    Aes256Gcm,
}

impl Cipher {
    /// The length of the initialisation vector in bytes.
    pub const fn iv_len(self) -> usize {
        match self {
            Self::Aes256Cbc => 16,
            Self::Aes256Gcm => 12,
        }
    }
}

/// What the column's JSON holds; the order is that of Laravel's `compact()`.
#[derive(Serialize, Deserialize)]
struct Payload {
    iv: String,
    value: String,
    mac: String,
    tag: String,
}

/// An APP_KEY, as the application uses it for its columns.
#[derive(Clone)]
pub struct LaravelKey([u8; 32]);

impl LaravelKey {
    /// Reads an APP_KEY: `base64:` and the base64 of 32 bytes.
    ///
    /// # Panics
    /// When it is anything else.
    pub fn new(app_key: &str) -> Self {
        let encoded = app_key.strip_prefix("base64:").expect("an APP_KEY starts with `base64:`");
        let bytes = STANDARD.decode(encoded).expect("an APP_KEY is base64");
        Self(bytes.try_into().expect("an APP_KEY of AES-256 has 32 bytes"))
    }

    /// Encrypts a plain text with a given initialisation vector.
    ///
    /// # Panics
    /// When the vector's length is not the cipher's.
    pub fn encrypt_with_iv(&self, cipher: Cipher, plain: &str, iv: &[u8]) -> String {
        assert_eq!(iv.len(), cipher.iv_len(), "the length of the initialisation vector");
        let payload = match cipher {
            Cipher::Aes256Cbc => {
                let encryptor = cbc::Encryptor::<Aes256>::new_from_slices(&self.0, iv).expect("32 and 16 bytes");
                let (iv, value) =
                    (STANDARD.encode(iv), STANDARD.encode(encryptor.encrypt_padded_vec::<Pkcs7>(plain.as_bytes())));
                Payload { mac: self.mac(&iv, &value), iv, value, tag: String::new() }
            }
            Cipher::Aes256Gcm => {
                let cipher = Aes256Gcm::new_from_slice(&self.0).expect("32 bytes");
                let nonce = Nonce::try_from(iv).expect("12 bytes");
                let sealed = cipher.encrypt(&nonce, plain.as_bytes()).expect("the text is far below GCM's limit");
                let (value, tag) = sealed.split_at(sealed.len() - 16);
                Payload {
                    iv: STANDARD.encode(iv),
                    value: STANDARD.encode(value),
                    mac: String::new(),
                    tag: STANDARD.encode(tag),
                }
            }
        };
        STANDARD.encode(serde_json::to_string(&payload).expect("four texts"))
    }

    /// Encrypts a JSON value as an `encrypted:json` cast stores it, with a random initialisation vector.
    pub fn encrypt_json(&self, cipher: Cipher, value: &Value) -> String {
        let iv: Vec<u8> = (0..cipher.iv_len()).map(|_| fastrand::u8(..)).collect();
        self.encrypt_with_iv(cipher, &php_json(value), &iv)
    }

    /// Opens a column of either cipher: the plain text, or why it is none of this key's.
    pub fn decrypt(&self, column: &str) -> Result<String, String> {
        let json = STANDARD.decode(column).map_err(|error| format!("the column is not base64: {error}"))?;
        let payload: Payload =
            serde_json::from_slice(&json).map_err(|error| format!("the payload is not Laravel's: {error}"))?;
        let bytes =
            |name: &str, text: &str| STANDARD.decode(text).map_err(|error| format!("{name} is not base64: {error}"));
        let (iv, value) = (bytes("iv", &payload.iv)?, bytes("value", &payload.value)?);
        let plain = if payload.tag.is_empty() {
            if self.mac(&payload.iv, &payload.value) != payload.mac {
                return Err("the mac is not this key's".to_owned());
            }
            let decryptor =
                cbc::Decryptor::<Aes256>::new_from_slices(&self.0, &iv).map_err(|error| error.to_string())?;
            decryptor.decrypt_padded_vec::<Pkcs7>(&value).map_err(|error| error.to_string())?
        } else {
            let sealed = [value, bytes("tag", &payload.tag)?].concat();
            let nonce = Nonce::try_from(iv.as_slice()).map_err(|_| "the iv has not 12 bytes".to_owned())?;
            let cipher = Aes256Gcm::new_from_slice(&self.0).expect("32 bytes");
            cipher.decrypt(&nonce, sealed.as_slice()).map_err(|_| "the tag is not this key's".to_owned())?
        };
        String::from_utf8(plain).map_err(|error| error.to_string())
    }

    /// Lower-case hex HMAC-SHA256 of the two base64 texts, one after the other.
    fn mac(&self, iv: &str, value: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(iv.as_bytes());
        mac.update(value.as_bytes());
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A JSON value as PHP's `json_encode` writes it with its default flags: `/` as `\/`, non-ASCII as `\uXXXX`.
pub fn php_json(value: &Value) -> String {
    let mut text = String::new();
    for unit in value.to_string().chars() {
        match unit {
            // Outside of its texts JSON has neither.
            '/' => text.push_str("\\/"),
            unit if unit.is_ascii() => text.push(unit),
            unit => {
                for half in unit.encode_utf16(&mut [0; 2]) {
                    text.push_str(&format!("\\u{half:04x}"));
                }
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const PLAIN: &str = r#"{"auth_userid":"777","api_key":"k\/\u00e9"}"#;
    const COLUMN: &str = "eyJpdiI6InFvLzhJU2x2czFCeWl4UXBHQ0d0UVE9PSIsInZhbHVlIjoiTDZyK3FxaDNXYmJyMy9ocmNhV1VQVmFNSXVjaDhKT1hDVVI5ZllHMG44V0JsbWlxaHVCNVJyV29ML09tYVU3ViIsIm1hYyI6ImM4NDhjNTEzYjIyYmU4N2MyNWNhZjEyMTA2YjcyMTI2OGUxM2Y2ZmY4N2UwODczZjk0MGU1ODM1ZTdjN2M0MDQiLCJ0YWciOiIifQ==";

    #[test]
    fn a_column_that_laravel_wrote_opens_with_its_app_key() {
        assert_eq!(LaravelKey::new(DEMO_APP_KEY).decrypt(COLUMN).unwrap(), PLAIN);
    }

    #[test]
    fn the_same_text_and_iv_give_laravels_column_to_the_letter() {
        let payload: Payload = serde_json::from_slice(&STANDARD.decode(COLUMN).unwrap()).unwrap();
        let iv = STANDARD.decode(payload.iv).unwrap();
        assert_eq!(LaravelKey::new(DEMO_APP_KEY).encrypt_with_iv(Cipher::Aes256Cbc, PLAIN, &iv), COLUMN);
    }

    #[test]
    fn both_ciphers_open_what_they_closed_and_no_other_key_does() {
        let value = json!({"username": "a/b", "password": "pässword 🔑"});
        let key = LaravelKey::new(DEMO_APP_KEY);
        let other = LaravelKey::new("base64:AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        for cipher in [Cipher::Aes256Cbc, Cipher::Aes256Gcm] {
            let column = key.encrypt_json(cipher, &value);
            let plain = key.decrypt(&column).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&plain).unwrap(), value);
            assert!(other.decrypt(&column).unwrap_err().contains("not this key's"));
            assert_ne!(key.encrypt_json(cipher, &value), column, "each column has an iv of its own");
        }
    }

    #[test]
    fn json_is_escaped_as_php_escapes_it() {
        assert_eq!(php_json(&json!("a/b é 🔑 \n \"")), r#""a\/b \u00e9 \ud83d\udd11 \n \"""#);
    }
}
