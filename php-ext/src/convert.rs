//! Between PHP's values and the engine's: arrays to JSON on the way in, reports to arrays on the way out.

use std::fmt;

use ext_php_rs::boxed::ZBox;
use ext_php_rs::convert::IntoZval;
use ext_php_rs::flags::DataType;
use ext_php_rs::types::{ZendHashTable, Zval};
use serde::ser::{self, Serialize};
use serde_json::{Map, Value};

/// How deep an array may be.
const DEPTH: usize = 32;

/// Reads an array of PHP as JSON: a list where its keys are 0, 1, 2 …, an object otherwise.
///
/// Fails with the path of what is not valid UTF-8 or too deep. An object becomes a text that names its class.
pub(crate) fn json(array: &ZendHashTable, path: &str) -> Result<Value, String> {
    array_to_json(array, path, 0)
}

fn array_to_json(array: &ZendHashTable, path: &str, depth: usize) -> Result<Value, String> {
    if depth > DEPTH {
        return Err(format!("`{path}` is nested deeper than {DEPTH} arrays"));
    }
    let (mut list, mut map) = (Vec::with_capacity(array.len()), Map::new());
    // The iterator's own keys panic where they are not valid UTF-8.
    let mut entries = array.iter();
    while let Some((key, value)) = entries.next_zval() {
        let key = match (key.long(), key.zend_str()) {
            (Some(number), _) => number.to_string(),
            (None, Some(text)) => {
                text.as_str().map(str::to_owned).map_err(|_| format!("a key of `{path}` is not valid UTF-8"))?
            }
            (None, None) => return Err(format!("a key of `{path}` is neither a number nor a text")),
        };
        let value = to_json(value, &if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, depth)?;
        if map.is_empty() && key == list.len().to_string() {
            list.push(value);
        } else {
            map.extend(list.drain(..).enumerate().map(|(place, value)| (place.to_string(), value)));
            map.insert(key, value);
        }
    }
    Ok(if map.is_empty() { Value::Array(list) } else { Value::Object(map) })
}

fn to_json(value: &Zval, path: &str, depth: usize) -> Result<Value, String> {
    let value = value.dereference();
    if value.is_null() {
        Ok(Value::Null)
    } else if let Some(flag) = value.bool() {
        Ok(Value::Bool(flag))
    } else if let Some(number) = value.long() {
        Ok(Value::from(number))
    } else if let Some(number) = value.double() {
        Ok(serde_json::Number::from_f64(number).map_or_else(|| Value::String(number.to_string()), Value::Number))
    } else if let Some(text) = value.zend_str() {
        let text = text.as_str().map_err(|_| format!("`{path}` is not valid UTF-8"))?;
        Ok(Value::String(text.to_owned()))
    } else if let Some(array) = value.array() {
        array_to_json(array, path, depth + 1)
    } else {
        // An application's file may hold anything under keys of its own. Where a key is ours, this text is what it refuses.
        Ok(Value::String(match value.object().and_then(|object| object.get_class_name().ok()) {
            Some(class) => format!("an object of {class}"),
            None => value.get_type().to_string(),
        }))
    }
}

/// A report as a PHP array: what methods return whose return type is `array`.
#[derive(Debug)]
pub struct Report(Zval); // as public as the class whose methods return it

impl Report {
    /// Turns a report into an array.
    pub(crate) fn new<T: Serialize + ?Sized>(value: &T) -> Result<Self, Unfit> {
        zval(value).map(Self)
    }
}

impl IntoZval for Report {
    const TYPE: DataType = DataType::Array;
    const NULLABLE: bool = false;

    fn set_zval(self, value: &mut Zval, _persistent: bool) -> ext_php_rs::error::Result<()> {
        *value = self.0;
        Ok(())
    }
}

/// Turns a report into a PHP value: objects and lists into arrays, in their order.
pub(crate) fn zval<T: Serialize + ?Sized>(value: &T) -> Result<Zval, Unfit> {
    value.serialize(ToZval)
}

/// Why a value has no PHP form.
#[derive(Debug)]
pub(crate) struct Unfit(String);

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unfit {}

impl ser::Error for Unfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl From<ext_php_rs::error::Error> for Unfit {
    fn from(error: ext_php_rs::error::Error) -> Self {
        Self(error.to_string())
    }
}

/// Serialises straight into PHP's memory, without a tree in between.
struct ToZval;

fn set(set: impl FnOnce(&mut Zval)) -> Result<Zval, Unfit> {
    let mut value = Zval::new();
    set(&mut value);
    Ok(value)
}

fn capacity(len: Option<usize>) -> u32 {
    u32::try_from(len.unwrap_or(0)).unwrap_or(0)
}

macro_rules! integers {
    ($($method:ident: $type:ty),+) => {$(
        fn $method(self, number: $type) -> Result<Zval, Unfit> {
            set(|value| value.set_long(i64::from(number)))
        }
    )+};
}

impl ser::Serializer for ToZval {
    type Ok = Zval;
    type Error = Unfit;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = ser::Impossible<Zval, Unfit>;
    type SerializeMap = Table;
    type SerializeStruct = Table;
    type SerializeStructVariant = ser::Impossible<Zval, Unfit>;

    integers!(serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32);

    fn serialize_u64(self, number: u64) -> Result<Zval, Unfit> {
        let number = i64::try_from(number).map_err(|_| Unfit(format!("{number} is no PHP integer")))?;
        self.serialize_i64(number)
    }

    fn serialize_bool(self, flag: bool) -> Result<Zval, Unfit> {
        set(|value| value.set_bool(flag))
    }

    fn serialize_f32(self, number: f32) -> Result<Zval, Unfit> {
        self.serialize_f64(number.into())
    }

    fn serialize_f64(self, number: f64) -> Result<Zval, Unfit> {
        set(|value| value.set_double(number))
    }

    fn serialize_char(self, character: char) -> Result<Zval, Unfit> {
        self.serialize_str(character.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<Zval, Unfit> {
        let mut value = Zval::new();
        value.set_string(text, false)?;
        Ok(value)
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Zval, Unfit> {
        set(|value| value.set_binary(bytes.to_vec()))
    }

    fn serialize_none(self) -> Result<Zval, Unfit> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Zval, Unfit> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Zval, Unfit> {
        set(Zval::set_null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Zval, Unfit> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Zval, Unfit> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Zval, Unfit> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Zval, Unfit> {
        let mut table = ZendHashTable::with_capacity(1);
        table.insert(variant, value.serialize(ToZval)?)?;
        set(|value| value.set_hashtable(table))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<List, Unfit> {
        Ok(List(ZendHashTable::with_capacity(capacity(len))))
    }

    fn serialize_tuple(self, len: usize) -> Result<List, Unfit> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<List, Unfit> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unfit> {
        Err(Unfit(format!("{name} has no PHP form")))
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Table, Unfit> {
        Ok(Table { table: ZendHashTable::with_capacity(capacity(len)), key: String::new() })
    }

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Table, Unfit> {
        self.serialize_map(Some(len))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unfit> {
        Err(Unfit(format!("{name} has no PHP form")))
    }
}

/// A list on its way to PHP.
struct List(ZBox<ZendHashTable>);

impl ser::SerializeSeq for List {
    type Ok = Zval;
    type Error = Unfit;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        Ok(self.0.push(value.serialize(ToZval)?)?)
    }

    fn end(self) -> Result<Zval, Unfit> {
        set(|value| value.set_hashtable(self.0))
    }
}

impl ser::SerializeTuple for List {
    type Ok = Zval;
    type Error = Unfit;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Zval, Unfit> {
        ser::SerializeSeq::end(self)
    }
}

impl ser::SerializeTupleStruct for List {
    type Ok = Zval;
    type Error = Unfit;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Zval, Unfit> {
        ser::SerializeSeq::end(self)
    }
}

/// An object on its way to PHP.
struct Table {
    table: ZBox<ZendHashTable>,
    key: String,
}

impl ser::SerializeMap for Table {
    type Ok = Zval;
    type Error = Unfit;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unfit> {
        let key = key.serialize(ToZval)?;
        self.key = key.string().ok_or_else(|| Unfit("a key is no text".to_owned()))?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        Ok(self.table.insert(self.key.as_str(), value.serialize(ToZval)?)?)
    }

    fn end(self) -> Result<Zval, Unfit> {
        set(|value| value.set_hashtable(self.table))
    }
}

impl ser::SerializeStruct for Table {
    type Ok = Zval;
    type Error = Unfit;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Unfit> {
        Ok(self.table.insert(key, value.serialize(ToZval)?)?)
    }

    fn end(self) -> Result<Zval, Unfit> {
        set(|value| value.set_hashtable(self.table))
    }
}
