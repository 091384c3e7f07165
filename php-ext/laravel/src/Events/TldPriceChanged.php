<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel\Events;

/** A price in force changed; the old one stays in the history. */
final class TldPriceChanged
{
    /**
     * Prices are decimals in texts, in the currency of the registrar's configuration; `$old` and `$percent` are null where
     * there was no price before.
     */
    public function __construct(
        public readonly string $registrar,
        public readonly string $tld,
        public readonly string $action,
        public readonly int $years,
        public readonly ?string $old,
        public readonly string $new,
        public readonly ?string $percent,
    ) {
    }
}
