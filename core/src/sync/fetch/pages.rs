//! The registrar's list, page by page.

use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::sync::{Arc, PoisonError};

use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

use super::{Fetch, Wanted};
use crate::Result;
use crate::diff::Mode;
use crate::listing::Listing;
use crate::log::COMPLETE;
use crate::model::DomainId;
use crate::registrar::{CallContext, ListCapability, ListPage, ListRequest};

/// How many list pages are asked for at once.
const PAGES_AT_ONCE: usize = 4;

impl Fetch {
    /// A request for a page of the whole list.
    pub(super) fn request(&self, page: u32) -> ListRequest {
        ListRequest { page, whole: self.run.call.mode == Mode::Full, ..ListRequest::default() }
    }

    /// One page of the list; `None` where it could not be had, which the breaker has noted.
    pub(super) async fn page(&self, request: ListRequest) -> Option<ListPage> {
        if self.unavailable().is_some() {
            return None;
        }
        let page = request.page;
        let context = CallContext::new(self.run.inner.clock.now());
        let (answer, attempts) = self
            .account
            .call(self.run.call.concurrency, &context, || self.account.registrar.list(&context, &request))
            .await;
        self.count(&context, attempts);
        match answer {
            Ok(page) => {
                self.breaker().record(Ok(()));
                Some(page)
            }
            Err(error) => {
                tracing::warn!(registrar = &*self.account.slug, page, %error, "a page of the domain list could not be read");
                self.breaker().record(Err((error.kind(), error.message())));
                None
            }
        }
    }

    /// Goes through the whole list; what it does not tell enough of, or not at all, is asked for by name (S6.5).
    ///
    /// Numbered pages are read ahead. Where each page says where the next begins, nobody knows how many follow: they are
    /// read one by one, and no more of them than there are domains left, which asking by name costs at most.
    pub(super) async fn by_list(
        self: Arc<Self>,
        list: &ListCapability,
        first: ListPage,
        ids: Vec<DomainId>,
        details: &mpsc::Sender<Wanted>,
    ) -> Result<()> {
        let pages = first.total.unwrap_or(first.rows.len() as u64).div_ceil(u64::from(list.page_size.max(1)));
        let pages = u32::try_from(pages).unwrap_or(u32::MAX);
        let mut left: HashSet<DomainId> = ids.iter().copied().collect();
        let (read, mut pages_read) = mpsc::channel(1);
        let mut reading = JoinSet::new();
        reading.spawn(Arc::clone(&self).pages(2..=pages, read));
        let mut listing = Listing::default();
        let mut next = Some(first);
        let mut followed = HashSet::new();
        while let Some(page) = next {
            listing.take(&page);
            self.rows(list, page.rows, &mut left, None, details).await?;
            if left.is_empty() {
                break;
            }
            next = match page.next {
                None => pages_read.recv().await,
                // A list that leads back to where it was would never end.
                Some(after) if followed.len() + 1 < left.len() && followed.insert(after.clone()) => {
                    let number = u32::try_from(followed.len() + 1).unwrap_or(u32::MAX);
                    self.page(ListRequest { after: Some(after), ..self.request(number) }).await
                }
                Some(_) => None,
            };
        }
        // What is still under way is not needed.
        reading.shutdown().await;
        if left.is_empty() {
            return Ok(());
        }
        let listed = listing.finish().map_or_else(|gap| gap.to_string(), |()| COMPLETE.to_owned());
        self.listed.lock().unwrap_or_else(PoisonError::into_inner).replace(listed);
        // Whatever the list proves: only its own answer says that a domain is not there.
        let missing: Vec<_> = ids.into_iter().filter(|id| left.contains(id)).collect();
        self.by_name(&missing, details).await
    }

    /// Reads pages ahead and hands them on in their order, up to the first that could not be had.
    async fn pages(self: Arc<Self>, numbers: RangeInclusive<u32>, out: mpsc::Sender<ListPage>) {
        let at_once = PAGES_AT_ONCE.min(self.account.max_in_flight(self.run.call.concurrency));
        // Tasks of their own: what has a slot at the registrar goes on while a page waits to be taken.
        let ahead = |number| AbortOnDropHandle::new(tokio::spawn(Arc::clone(&self).page_of(number)));
        let pages = stream::iter(numbers).map(ahead).buffered(at_once);
        let mut pages = std::pin::pin!(pages);
        while let Some(Ok(Some(page))) = pages.next().await {
            if out.send(page).await.is_err() {
                return;
            }
        }
    }

    async fn page_of(self: Arc<Self>, number: u32) -> Option<ListPage> {
        self.page(self.request(number)).await
    }
}
