//! What a registrar's own file has to say: how a request names its account, and how a request and a world become an answer.

use crate::account::Account;
use crate::call::{Answer, Call, Twist};
use crate::world::World;

pub(crate) trait Registrar: std::fmt::Debug + Send + Sync {
    /// The path that all calls are below.
    fn base(&self) -> &'static str;
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
