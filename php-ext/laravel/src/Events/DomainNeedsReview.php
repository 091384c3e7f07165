<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel\Events;

/** A person should look at a domain, and take that back with clearReview() or the command domain:review. */
final class DomainNeedsReview
{
    use FindsDomain;

    public function __construct(
        public readonly int $domainId,
        public readonly string $domain,
        public readonly string $reason,
    ) {
    }
}
