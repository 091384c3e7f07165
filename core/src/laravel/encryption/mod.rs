//! Columns that Laravel encrypted (`encrypted:json`, `Crypt::encryptString`), opened with `APP_KEY`.
//!
//! Both of Laravel's families are read, AES-CBC with a mac and AES-GCM with a tag, with 128 and 256 bits; a value shows
//! which it is, so `app.cipher` need not be told. Nothing is decrypted before the mac or tag has proved the key.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use aes::{Aes128, Aes256};
use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes128Gcm, Aes256Gcm, Nonce};
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;

use crate::{Error, ErrorKind, Result};

#[cfg(test)]
mod tests;

const CBC_IV: usize = 16;
const GCM_NONCE: usize = 12;
const GCM_TAG: usize = 16;

/// Opens what the application encrypted, with any of its keys.
pub struct Encrypter {
    keys: Vec<SecretSlice<u8>>,
}

/// What an encrypted column holds, once its base64 is taken off. `iv`, `value` and `tag` are base64 again.
#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow)]
    iv: Cow<'a, str>,
    #[serde(borrow)]
    value: Cow<'a, str>,
    #[serde(borrow)]
    mac: Cow<'a, str>,
    #[serde(borrow, default)]
    tag: Option<Cow<'a, str>>,
}

impl Encrypter {
    /// An encrypter with `app.key` and then `app.previous_keys`, as texts: `base64:` and 16 or 32 bytes, or 16 or 32
    /// characters. Without a key it opens what is not encrypted.
    ///
    /// Fails with `config` for a text that is no key; the key itself is not told.
    pub fn new(keys: &[SecretString]) -> Result<Self> {
        let keys = keys
            .iter()
            .enumerate()
            .map(|(place, key)| parse_key(key).map_err(|problem| Error::config(&key_path(place), problem)));
        Ok(Self { keys: keys.collect::<Result<_>>()? })
    }

    /// Opens a value of `Crypt::encryptString` or of an `encrypted` cast; every key is tried, in order.
    ///
    /// Fails with `store` for what is no such value, or whose content is damaged though its mac is right, and with
    /// `config` when none of the keys encrypted it.
    pub fn decrypt_string(&self, payload: &str) -> Result<SecretString> {
        let json = decode(payload);
        let payload: Payload<'_> = serde_json::from_slice(&json).map_err(|_| not_encrypted())?;
        let iv = decode(&payload.iv);
        let tag = decode(payload.tag.as_deref().unwrap_or_default());
        if self.keys.is_empty() {
            return Err(Error::new(
                ErrorKind::Config,
                "the value is encrypted and no key is configured: set app_key to the application's APP_KEY",
            ));
        }
        let plain = match (iv.len(), tag.len()) {
            (CBC_IV, 0) => self.open_cbc(&payload, &iv)?,
            (GCM_NONCE, GCM_TAG) => self.open_gcm(&payload, &iv, &tag)?,
            _ => return Err(not_encrypted()),
        };
        // The bytes that are no UTF-8 are a secret too, so the cause is left out.
        let text = String::from_utf8(plain).map_err(|_| Error::store("the decrypted value is no UTF-8 text"))?;
        Ok(text.into())
    }

    /// Opens `registrars.credentials`: an encrypted JSON object, or a plain one where the column is not encrypted.
    ///
    /// Numbers and booleans become texts; empty entries are left out. Fails as
    /// [`decrypt_string`](Self::decrypt_string) does, and with `store` for what is no object of single values. No error
    /// tells a value.
    pub fn credentials(&self, column: &str) -> Result<BTreeMap<String, SecretString>> {
        let column = column.trim();
        let value = if column.starts_with('{') {
            serde_json::from_str(column)
        } else {
            serde_json::from_str(self.decrypt_string(column)?.expose_secret())
        };
        let Ok(Value::Object(entries)) = value else {
            return Err(Error::store(
                "the credentials are no JSON object, such as {\"auth_userid\": …, \"api_key\": …}",
            ));
        };
        let mut credentials = BTreeMap::new();
        for (key, value) in entries {
            let secret = secret_text(value).ok_or_else(|| {
                let key: String = key.chars().take(40).collect();
                Error::store(format!("the credentials' `{key}` is no single value"))
            })?;
            if let Some(secret) = secret {
                credentials.insert(key, secret);
            }
        }
        Ok(credentials)
    }

    /// AES-CBC: the mac over the base64 texts says which key it is.
    fn open_cbc(&self, payload: &Payload<'_>, iv: &[u8]) -> Result<Vec<u8>> {
        let mac = hex(&payload.mac).ok_or_else(not_encrypted)?;
        let key = self.keys().find(|key| {
            <Hmac<Sha256> as KeyInit>::new_from_slice(key).is_ok_and(|hmac| {
                hmac.chain_update(payload.iv.as_bytes())
                    .chain_update(payload.value.as_bytes())
                    // In constant time.
                    .verify_slice(&mac)
                    .is_ok()
            })
        });
        let key = key.ok_or_else(wrong_key)?;
        let value = decode(&payload.value);
        let plain = if key.len() == 16 {
            cbc::Decryptor::<Aes128>::new_from_slices(key, iv)
                .ok()
                .and_then(|cipher| cipher.decrypt_padded_vec::<Pkcs7>(&value).ok())
        } else {
            cbc::Decryptor::<Aes256>::new_from_slices(key, iv)
                .ok()
                .and_then(|cipher| cipher.decrypt_padded_vec::<Pkcs7>(&value).ok())
        };
        plain.ok_or_else(|| Error::store("the encrypted value is damaged: its mac is right and its padding is not"))
    }

    /// AES-GCM: the tag says which key it is.
    fn open_gcm(&self, payload: &Payload<'_>, iv: &[u8], tag: &[u8]) -> Result<Vec<u8>> {
        let nonce = Nonce::try_from(iv).map_err(|_| not_encrypted())?;
        let mut sealed = decode(&payload.value);
        sealed.extend_from_slice(tag);
        let opened = self.keys().find_map(|key| {
            if key.len() == 16 {
                let cipher = Aes128Gcm::new_from_slice(key).ok()?;
                cipher.decrypt(&nonce, sealed.as_slice()).ok()
            } else {
                let cipher = Aes256Gcm::new_from_slice(key).ok()?;
                cipher.decrypt(&nonce, sealed.as_slice()).ok()
            }
        });
        opened.ok_or_else(wrong_key)
    }

    fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.keys.iter().map(ExposeSecret::expose_secret)
    }
}

impl fmt::Debug for Encrypter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encrypter").finish_non_exhaustive()
    }
}

/// Where a key stands in the configuration.
pub(crate) fn key_path(place: usize) -> String {
    match place.checked_sub(1) {
        None => "app_key".to_owned(),
        Some(previous) => format!("previous_keys.{previous}"),
    }
}

/// The bytes of a key as Laravel writes it, or what is wrong with it.
pub(crate) fn parse_key(key: &SecretString) -> Result<SecretSlice<u8>, &'static str> {
    let key = key.expose_secret();
    let bytes = match key.strip_prefix("base64:") {
        Some(text) => decode(text),
        None => key.as_bytes().to_vec(),
    };
    if matches!(bytes.len(), 16 | 32) {
        Ok(bytes.into())
    } else {
        Err("expected `base64:` and 32 bytes (or 16), as `php artisan key:generate` makes it, or 32 characters (or 16)")
    }
}

/// A single value as a secret text; `None` for a list or an object, `Some(None)` for nothing.
pub(crate) fn secret_text(value: Value) -> Option<Option<SecretString>> {
    let text = match value {
        Value::Null => return Some(None),
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Array(_) | Value::Object(_) => return None,
    };
    Some((!text.is_empty()).then(|| text.into()))
}

/// Base64 as PHP's `base64_decode` reads it: what does not belong there is passed over, padding may be missing.
fn decode(text: &str) -> Vec<u8> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::RequireNone),
    );
    let mut symbols: Vec<u8> =
        text.bytes().filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')).collect();
    if symbols.len() % 4 == 1 {
        // Six bits are no byte.
        symbols.pop();
    }
    LENIENT.decode(symbols).unwrap_or_default()
}

/// 32 bytes as lower-case hex, as `hash_hmac` writes them.
fn hex(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; 32];
    if text.len() != 2 * bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

fn not_encrypted() -> Error {
    Error::store("it is no value that Laravel encrypted, nor a JSON object")
}

fn wrong_key() -> Error {
    Error::new(ErrorKind::Config, "APP_KEY is not the one that encrypted it, nor is any of the previous keys")
}
