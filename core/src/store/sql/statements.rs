//! The statements that the shared body runs: what a dialect has to write down.

use super::template::Sql;

/// Every statement. Those that read give texts, each a JSON array of records; a record is a JSON array in the order told
/// here. Datetimes are texts as Laravel writes them, decimals are texts, booleans are 0 or 1.
///
/// Reads of domains leave out soft-deleted ones. `:partner` is a partner's id, or NULL for everybody's.
#[derive(Debug)]
pub(crate) struct Statements {
    /// `:keys` is a JSON array of ids: `id, name` each.
    pub(crate) find_by_id: Sql,
    /// `:keys` is a JSON array of names: `id, name` each.
    pub(crate) find_by_name: Sql,
    /// Domains by id. As `load_by_name`.
    pub(crate) load_by_id: ByDetail,
    /// `:keys` is a JSON array of names, `:partner`: `id, name, partner_id, registrar_id, status, expires_at,
    /// last_synced_at, sync_metadata`, and in full also an array of `order, nameserver` and an array of `id, type` and
    /// the columns of [`ContactField::ALL`](crate::model::ContactField::ALL).
    pub(crate) load_by_name: ByDetail,
    /// Run in a transaction before `load_by_id`: takes the rows `:keys` of `domains` in the order of the keys, so that they
    /// stay as they are until its end. `None` where a transaction has the database to itself. Its answer is of no use.
    pub(crate) lock: Option<Sql>,
    /// The ids of the classes of S1.3, each in its order (two in one where that is cheaper), at most `:limit`; an id is a
    /// record.
    /// `:synced_before` and `:healed_before` bound `last_synced_at` for classes 1 to 4 and 5, `:soon` and `:later`
    /// bound `expires_at` for classes 1 and 2, `next_attempt_at` must not be after `:instant`, the present in UTC
    /// (S1.5), and `lease.until` not after `:moment`, the same as ISO 8601 (S7.5).
    pub(crate) due: Vec<Scoped>,
    /// The first of these classes by an index on `last_synced_at`, where there is one in which every domain has its place.
    pub(crate) near: Option<Near>,
    /// The ids of active domains with a registrar that expire from `:from` until `:until`, each id a record.
    pub(crate) expiring: Scoped,
    /// The ids of at most `:limit` domains whose `needs_review` is set, each id a record.
    pub(crate) review: Scoped,
    /// The ids of domains that a sync changed not before `:since`, told by the newest `:limit` rows of `audit_logs`, each id
    /// a record.
    pub(crate) changed: Scoped,
    /// `registrar_id` and how many domains of classes 1 to 4 it has.
    pub(crate) by_registrar: Scoped,
    /// By status: `status`, how many, with a registrar, with one and never synced, synced after `:synced_before`, due,
    /// active and expiring from `:now` until `:soon`, failed, for review; and the latest `last_synced_at`.
    pub(crate) stats: Scoped,
    /// `:rows` of `id, partner_id, sync_metadata, last_synced_at`: bookkeeping, at `:now`. A NULL leaves `last_synced_at`
    /// alone.
    pub(crate) update_bookkeeping: Sql,
    /// `:rows` as above and `status, expires_at`, where NULL leaves a column alone.
    pub(crate) update_domains: Sql,
    /// `:rows` of `id, before, after`: `sync_metadata` becomes `after` where it is exactly `before`, which NULL is too.
    pub(crate) swap_metadata: Sql,
    /// `:keys` is a JSON array of domain ids.
    pub(crate) delete_nameservers: Sql,
    /// `:rows` of `domain_id, order, nameserver`, at `:now`.
    pub(crate) insert_nameservers: Sql,
    /// `:rows` of `id, domain_id` and the columns of a contact, where NULL leaves one alone and an empty text makes a
    /// nullable one NULL, at `:now`.
    pub(crate) update_contacts: Sql,
    /// `:rows` of `domain_id, type` and the columns of a contact, at `:now`.
    pub(crate) insert_contacts: Sql,
    /// `:rows` of `auditable_id, partner_id, old_values, new_values`, with `:user`, `:source`, at `:now`.
    pub(crate) insert_audits: Sql,
    /// By `:key`, an id: `id, name, slug, api_class, credentials, is_active, last_sync_at`.
    pub(crate) registrar_by_id: Sql,
    /// By `:key`, a slug: the same.
    pub(crate) registrar_by_slug: Sql,
    /// The active TLDs of `:registrar`: `id, extension, min_years, max_years`.
    pub(crate) tlds: Sql,
    /// The prices of these TLDs in force on the day `:today`: `tld_id, action, years, price, effective_date`.
    pub(crate) prices: Sql,
    /// All TLDs of `:registrar` with the prices that hold from the very day `:today`: `tld_id`, and `action, years, id`
    /// or three NULLs.
    pub(crate) prices_of_day: Sql,
    /// `:rows` of `id, price`, at `:now`.
    pub(crate) update_prices: Sql,
    /// `:rows` of `tld_id, action, years, price`, from the day `:today`, at `:now`.
    pub(crate) insert_prices: Sql,
    /// Sets `last_sync_at` of `:registrar` to `:now`.
    pub(crate) touch_registrar: Sql,
}

/// A look at the domains that wait the longest, `:near` of those never synced and `:near` of the others, instead of at all
/// domains of a class. For everybody's domains only: a partner's are few.
#[derive(Debug)]
pub(crate) struct Near {
    /// The id of the first domain beyond, of those never synced, in the order of their ids; none where there is no more.
    pub(crate) never_until: Sql,
    /// The `last_synced_at` of the first domain beyond, of those synced before `:synced_before`, in this order.
    pub(crate) synced_until: Sql,
    /// The first classes of S1.3, in their order.
    pub(crate) classes: Vec<NearClass>,
}

/// One class, as [`Statements::due`] has it but for its bounds.
#[derive(Debug)]
pub(crate) struct NearClass {
    /// Of those never synced: ids up to `:never_until`.
    pub(crate) never: Sql,
    /// Of those synced until `:synced_until`.
    pub(crate) synced: Sql,
}

/// A statement for each [`Detail`](crate::store::Detail).
#[derive(Debug)]
pub(crate) struct ByDetail {
    /// The columns of `domains` only.
    pub(crate) columns: Sql,
    /// With nameservers and contacts.
    pub(crate) full: Sql,
}

/// A statement in two forms, since an index on the partner helps only where the statement always names one.
#[derive(Debug)]
pub(crate) struct Scoped {
    /// Everybody's.
    pub(crate) all: Sql,
    /// Only those of `:partner`.
    pub(crate) partner: Sql,
}
