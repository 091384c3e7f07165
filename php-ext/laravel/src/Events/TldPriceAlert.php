<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel\Events;

/** A price moved by more than domain.price_change_alert_threshold percent. */
final class TldPriceAlert
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
