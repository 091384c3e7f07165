//! What a registrar's own file has to say: how a request names its account, and how a request and a world become an answer.

use crate::account::Account;
use crate::call::{Answer, Call, Twist};
use crate::world::World;

macro_rules! registrars {
    ($($(#[$attribute:meta])+ $slug:literal => $module:ident::$name:ident;)+) => {
        /// Whose API is simulated.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum Api {
            $($(#[$attribute])+ $name,)+
        }

        impl Api {
            /// All, by the slug that DomainDesk has for them.
            pub const ALL: &[(&str, Self)] = &[$(($slug, Self::$name)),+];

            pub(crate) fn registrar(self) -> Box<dyn Registrar> {
                match self {
                    $(Self::$name => Box::new(crate::$module::$name),)+
                }
            }
        }
    };
}

registrars! {
    /// ResellerClub and its sister brands. The default.
    #[default]
    "resellerclub" => resellerclub::ResellerClub;
    /// Namecheap.
    "namecheap" => namecheap::Namecheap;
    /// Enom.
    "enom" => enom::Enom;
    /// GoDaddy.
    "godaddy" => godaddy::GoDaddy;
    /// BTCL.
    "btcl" => btcl::Btcl;
    /// Name.com.
    "namecom" => namecom::NameCom;
}

pub(crate) trait Registrar: std::fmt::Debug + Send + Sync {
    /// The path that all calls are below.
    fn base(&self) -> &'static str;
    /// What a request asks for, by which faults pick it and statistics count it: the path, unless there is but one.
    fn operation<'c>(&self, call: &'c Call<'c>) -> &'c str {
        call.path
    }
    /// The answer to a request over the limit, where the limit does not say it.
    fn over_limit(&self) -> Answer {
        Answer::forbidden_page()
    }
    /// Who asks.
    fn login<'c>(&self, call: &'c Call<'_>) -> &'c str;
    /// The proof.
    fn secret<'c>(&self, call: &'c Call<'_>) -> &'c str;
    /// The answer to wrong credentials.
    fn refuse_login(&self) -> Answer;
    /// The one domain that a request is about.
    fn subject(&self, call: &Call<'_>, world: &World) -> Option<String>;
    /// The answer to a request of this account.
    fn answer(&self, call: &Call<'_>, account: &mut Account, twist: Twist) -> Answer;
}
