//! The names of the application's registrar classes.

/// The slug of the registrar that a class is for, as the application makes a class name from a slug:
/// `App\Services\Registrar\ResellerClubRegistrar` is for `resellerclub`. `None` for a name of another make.
pub fn slug(api_class: &str) -> Option<String> {
    let class = api_class.rsplit('\\').next()?;
    let name = class.strip_suffix("Registrar").filter(|name| !name.is_empty())?;
    Some(name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_for_the_registrar_that_it_is_named_after() {
        for (class, is_for) in [
            (r"App\Services\Registrar\ResellerClubRegistrar", Some("resellerclub")),
            (r"\App\Services\Registrar\BTCLRegistrar", Some("btcl")),
            ("NamecheapRegistrar", Some("namecheap")),
            (r"App\Services\Registrar\Homegrown", None),
            (r"App\Services\Registrar\Registrar", None),
            ("", None),
        ] {
            assert_eq!(slug(class).as_deref(), is_for, "{class}");
        }
    }
}
