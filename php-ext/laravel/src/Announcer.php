<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel;

use DomainDesk\Sync\Laravel\Events\DomainNeedsReview;
use DomainDesk\Sync\Laravel\Events\DomainStatusChanged;
use DomainDesk\Sync\Laravel\Events\DomainSynced;
use DomainDesk\Sync\Laravel\Events\DomainSyncFailed;
use DomainDesk\Sync\Laravel\Events\TldPriceAlert;
use DomainDesk\Sync\Laravel\Events\TldPriceChanged;
use Illuminate\Contracts\Events\Dispatcher;

/** Turns results into events. What was not written (a dry run) and what was not done (a skipped domain) is none. */
final class Announcer
{
    public function __construct(private readonly Dispatcher $events)
    {
    }

    /**
     * A progress callback that announces each result and then calls the caller's own.
     *
     * @param (callable(array<string, mixed>, array<string, mixed>): mixed)|null $progress
     */
    public function listening(?callable $progress): callable
    {
        return function (array $domain, array $result) use ($progress): mixed {
            $this->domain($result);

            return $progress === null ? null : $progress($domain, $result);
        };
    }

    /** @param array<string, mixed> $result */
    public function domain(array $result): void
    {
        if (($result['dry_run'] ?? false) || ($result['skipped'] ?? false) || !isset($result['id'])) {
            return;
        }
        $about = [$result['id'], $result['domain']];
        if (!$result['success']) {
            $this->events->dispatch(new DomainSyncFailed(...$about, result: $result));
        } elseif (!($result['held'] ?? false)) {
            $this->events->dispatch(new DomainSynced(...$about, result: $result));
            $status = $result['changes']['status'] ?? null;
            if ($status !== null) {
                $this->events->dispatch(new DomainStatusChanged(...$about, from: $status['old'], to: $status['new']));
            }
        }
        if ($result['needs_review'] ?? false) {
            $this->events->dispatch(new DomainNeedsReview(...$about, reason: self::reason($result)));
        }
    }

    /** @param array<string, mixed> $report */
    public function prices(array $report): void
    {
        if ($report['dry_run']) {
            return;
        }
        foreach ($report['changes'] as $change) {
            $this->events->dispatch(new TldPriceChanged($report['registrar'], ...$change));
        }
        foreach ($report['alerts'] as $alert) {
            $this->events->dispatch(new TldPriceAlert($report['registrar'], ...$alert));
        }
    }

    /** @param array<string, mixed> $result */
    private static function reason(array $result): string
    {
        return $result['error'] ?? $result['reason'] ?? $result['warnings'][0] ?? 'the safety brake held it';
    }
}
