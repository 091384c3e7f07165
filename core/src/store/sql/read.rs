//! Finding and loading domains and registrars.

use std::collections::{HashMap, HashSet};

use secrecy::SecretString;
use serde::Serialize;

use super::rows::{self, Text};
use super::{ByDetail, CHUNK, Link, SqlStore, json};
use crate::Result;
use crate::laravel::dates;
use crate::model::{DomainId, DomainName, DomainRef, LocalDomain, RegistrarId, RegistrarRecord, RegistrarRef};
use crate::store::{Candidate, Detail, Scope, UnreadableDomain};

impl ByDetail {
    pub(crate) fn of(&self, detail: Detail) -> &super::Sql {
        match detail {
            Detail::Columns => &self.columns,
            Detail::Full => &self.full,
        }
    }
}

impl<L: Link> SqlStore<L> {
    /// Ids of domains by id or name. A name is looked for as A-labels and, if that is another text, as people write it:
    /// the application may have stored either.
    pub(crate) async fn find(&self, scope: Scope, domains: &[DomainRef]) -> Result<Vec<Option<DomainId>>> {
        let (mut ids, mut names) = (Vec::new(), Vec::new());
        for domain in domains {
            match domain {
                DomainRef::Id(id) => ids.push(*id),
                DomainRef::Name(name) => names.extend(spellings(name)),
            }
        }
        let mut there = HashSet::new();
        let mut by_name = HashMap::new();
        let partner = || ("partner", scope.partner_id.map(|id| id.0).into());
        for keys in ids.chunks(CHUNK) {
            let args = [("keys", json(keys)?), partner()];
            let texts = self.read(&self.statements.find_by_id, &args).await?;
            let found = rows::records::<(i64, Text<'_>)>(&texts)?;
            there.extend(found.into_iter().map(|(id, _)| DomainId(id)));
        }
        for keys in names.chunks(CHUNK) {
            let args = [("keys", json(keys)?), partner()];
            let texts = self.read(&self.statements.find_by_name, &args).await?;
            let found = rows::records::<(i64, Text<'_>)>(&texts)?;
            by_name.extend(found.into_iter().map(|(id, name)| (name.0.into_owned(), DomainId(id))));
        }
        let id = |domain: &DomainRef| match domain {
            DomainRef::Id(id) => there.contains(id).then_some(*id),
            DomainRef::Name(name) => spellings(name).find_map(|spelling| by_name.get(&spelling).copied()),
        };
        Ok(domains.iter().map(id).collect())
    }

    /// Domains by id.
    pub(crate) async fn load_by_id(&self, scope: Scope, ids: &[DomainId], detail: Detail) -> Result<Vec<LocalDomain>> {
        let statement = &self.statements.load_by_id;
        self.load_domains(scope, statement, ids, detail).await
    }

    /// Candidates by id.
    pub(crate) async fn candidates(&self, scope: Scope, ids: &[DomainId]) -> Result<Vec<Candidate>> {
        let mut candidates = Vec::with_capacity(ids.len());
        for keys in ids.chunks(CHUNK) {
            let args = [("keys", json(keys)?), ("partner", scope.partner_id.map(|id| id.0).into())];
            let texts = self.read(&self.statements.load_by_id.columns, &args).await?;
            candidates.extend(rows::candidates(&texts, self.timezone)?);
        }
        Ok(candidates)
    }

    /// Domains by stored name.
    pub(crate) async fn load_by_name(
        &self,
        scope: Scope,
        names: &[String],
        detail: Detail,
    ) -> Result<Vec<LocalDomain>> {
        let statement = &self.statements.load_by_name;
        self.load_domains(scope, statement, names, detail).await
    }

    /// Domains by keys, a statement for every chunk of them.
    async fn load_domains<K: Serialize + Sync>(
        &self,
        scope: Scope,
        statement: &ByDetail,
        keys: &[K],
        detail: Detail,
    ) -> Result<Vec<LocalDomain>> {
        let mut domains = Vec::with_capacity(keys.len());
        for keys in keys.chunks(CHUNK) {
            for row in self.load_chunk(scope, statement, keys, detail).await? {
                match row {
                    Ok(domain) => domains.push(domain),
                    Err(unreadable) => {
                        tracing::warn!(domain = unreadable.name, error = %unreadable.error, "a domain cannot be read")
                    }
                }
            }
        }
        Ok(domains)
    }

    /// Those of the domains that are there and cannot be read.
    pub(crate) async fn unreadable(&self, scope: Scope, ids: &[DomainId]) -> Result<Vec<UnreadableDomain>> {
        let mut unreadable = Vec::new();
        for keys in ids.chunks(CHUNK) {
            let rows = self.load_chunk(scope, &self.statements.load_by_id, keys, Detail::Columns).await?;
            unreadable.extend(rows.into_iter().filter_map(Result::err));
        }
        Ok(unreadable)
    }

    async fn load_chunk<K: Serialize + Sync>(
        &self,
        scope: Scope,
        statement: &ByDetail,
        keys: &[K],
        detail: Detail,
    ) -> Result<Vec<Result<LocalDomain, UnreadableDomain>>> {
        let args = [("keys", json(keys)?), ("partner", scope.partner_id.map(|id| id.0).into())];
        let texts = self.read(statement.of(detail), &args).await?;
        rows::domains(&texts, self.timezone)
    }

    /// A registrar by id or slug.
    pub(crate) async fn find_registrar(&self, registrar: &RegistrarRef) -> Result<Option<RegistrarRecord>> {
        #[derive(serde::Deserialize)]
        struct Row {
            id: i64,
            name: String,
            slug: String,
            api_class: Option<String>,
            credentials: Option<String>,
            is_active: i64,
            last_sync_at: Option<String>,
        }
        let (statement, key) = match registrar {
            RegistrarRef::Id(id) => (&self.statements.registrar_by_id, id.0.into()),
            RegistrarRef::Slug(slug) => (&self.statements.registrar_by_slug, slug.as_str().into()),
        };
        let texts = self.read(statement, &[("key", key)]).await?;
        let Some(row) = rows::records::<Row>(&texts)?.into_iter().next() else {
            return Ok(None);
        };
        let last_sync_at = row.last_sync_at.and_then(|text| dates::parse(&text, self.timezone));
        Ok(Some(RegistrarRecord {
            id: RegistrarId(row.id),
            name: row.name,
            slug: row.slug,
            api_class: row.api_class.filter(|class| !class.is_empty()),
            credentials: row.credentials.map(SecretString::from),
            is_active: row.is_active != 0,
            // One that cannot be read says no more than none.
            last_sync_at,
        }))
    }
}

/// How a name may be stored: A-labels first.
fn spellings(name: &DomainName) -> impl Iterator<Item = String> {
    let ascii = name.as_str().to_owned();
    let unicode = ascii.contains("xn--").then(|| name.to_unicode()).filter(|unicode| *unicode != ascii);
    std::iter::once(ascii).chain(unicode)
}
