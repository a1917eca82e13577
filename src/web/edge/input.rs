//! Reads the fields of a body or a query into the input type of an endpoint.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, DeserializeSeed, Error as _, IntoDeserializer, MapAccess, Visitor, value::StrDeserializer},
    forward_to_deserialize_any,
};

use utoipa::ToSchema;

use super::body::{Body, Text, Value};
use crate::{
    api::ApiError,
    domain::{Field, FieldError, FieldErrors},
    web::document::Schemas,
};

/// The parameter with the page that follows a form.
const NEXT: &str = "next";

/// The input of an endpoint.
pub trait Input: Sized + Send {
    /// Reads the input.
    ///
    /// # Errors
    /// `Invalid` with the name of a field that is duplicated or has the wrong type. Unknown fields are ignored, because
    /// some clients send more than we know.
    fn read(body: &Body<'_>) -> Result<Self, ApiError>;

    /// Returns the schema of the fields for the API's document, or `None` if there are none.
    fn schema(schemas: &mut Schemas) -> Option<serde_json::Value>;
}

/// No input: all fields are ignored.
#[derive(Clone, Copy, Debug)]
pub struct NoInput;

impl Input for NoInput {
    fn read(body: &Body<'_>) -> Result<Self, ApiError> {
        read(body).map(|Nothing {}| Self)
    }

    fn schema(_: &mut Schemas) -> Option<serde_json::Value> {
        None
    }
}

/// The fields of a JSON object, a form, or a query. `T` names them and has a default for each optional one.
#[derive(Clone, Debug)]
pub struct Fields<T>(pub T);

impl<T: DeserializeOwned + ToSchema + Send> Input for Fields<T> {
    fn read(body: &Body<'_>) -> Result<Self, ApiError> {
        read(body).map(Self)
    }

    fn schema(schemas: &mut Schemas) -> Option<serde_json::Value> {
        Some(schemas.reference::<T>())
    }
}

fn read<T: DeserializeOwned>(body: &Body<'_>) -> Result<T, ApiError> {
    T::deserialize(Object(body)).map_err(Invalid::into_api_error)
}

#[derive(Deserialize)]
struct Nothing {}

/// A field that is duplicated or has the wrong type.
#[derive(Debug)]
struct Invalid {
    /// `None` if the body as a whole is invalid.
    field: Option<&'static str>,
}

impl Invalid {
    fn into_api_error(self) -> ApiError {
        match self.field {
            None => ApiError::invalid(FieldErrors::default()),
            Some(name) => match Field::ALL.into_iter().find(|field| field.as_str() == name) {
                Some(field) => ApiError::invalid(FieldErrors::one(field, FieldError::Malformed)),
                None => ApiError::invalid_parameter(name),
            },
        }
    }
}

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the field {} is invalid", self.field.unwrap_or("of no name"))
    }
}

impl std::error::Error for Invalid {}

impl serde::de::Error for Invalid {
    // A library's message can contain the value, so it is discarded.
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self { field: None }
    }

    fn missing_field(field: &'static str) -> Self {
        Self { field: Some(field) }
    }
}

/// A body as a deserializer of a struct.
struct Object<'b, 'a>(&'b Body<'a>);

impl<'a> Deserializer<'a> for Object<'_, 'a> {
    type Error = Invalid;

    fn deserialize_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Invalid> {
        let mut known = Vec::with_capacity(fields.len());
        for &field in fields.iter().chain([&NEXT]) {
            let mut values = self.0.pairs().iter().filter(|(name, _)| name == field).map(|(_, value)| value);
            let Some(value) = values.next() else { continue };
            if values.next().is_some() || !value.is_readable() || (field == NEXT && !value.is_text()) {
                return Err(Invalid { field: Some(field) });
            }
            if !value.is_null() && fields.contains(&field) {
                known.push((field, value));
            }
        }
        visitor.visit_map(Known { rest: known.into_iter(), value: None })
    }

    fn deserialize_any<V: Visitor<'a>>(self, _: V) -> Result<V::Value, Invalid> {
        Err(Invalid::custom("an input is a struct"))
    }

    forward_to_deserialize_any! {
        <V: Visitor<'a>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// The fields that the struct knows, each once.
struct Known<'b, 'a> {
    rest: std::vec::IntoIter<(&'static str, &'b Value<'a>)>,
    value: Option<(&'static str, &'b Value<'a>)>,
}

impl<'a> MapAccess<'a> for Known<'_, 'a> {
    type Error = Invalid;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, Invalid> {
        self.value = self.rest.next();
        let Some((name, _)) = self.value else { return Ok(None) };
        let name: StrDeserializer<'_, Invalid> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, Invalid> {
        let Some((name, value)) = self.value.take() else { return Err(Invalid { field: None }) };
        let invalid = Invalid { field: Some(name) };
        match value {
            Value::Text(Text(text)) => seed.deserialize(TextValue(text)).map_err(|_| invalid),
            Value::Json(json) => {
                let mut reader = serde_json::Deserializer::from_str(json.get());
                seed.deserialize(&mut reader).map_err(|_| invalid)
            }
            Value::Unreadable => Err(invalid),
        }
    }
}

/// The value of a form field: text, which can contain a number or a boolean.
struct TextValue<'b>(&'b str);

/// Parses a number or a boolean from text.
macro_rules! parsed {
    ($($deserialize:ident $visit:ident $kind:ty,)*) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
            visitor.$visit(self.0.parse::<$kind>().map_err(Invalid::custom)?)
        }
    )*};
}

impl<'de> Deserializer<'de> for TextValue<'_> {
    type Error = Invalid;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        visitor.visit_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Invalid> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Invalid> {
        let text: StrDeserializer<'_, Invalid> = self.0.into_deserializer();
        text.deserialize_enum(name, variants, visitor)
    }

    parsed! {
        deserialize_bool visit_bool bool,
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64,
        deserialize_i64 visit_i64 i64,
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

#[cfg(test)]
mod tests;
