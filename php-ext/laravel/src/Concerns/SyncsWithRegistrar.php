<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel\Concerns;

use DateTimeInterface;
use DomainDesk\Sync\Laravel\Settings;
use DomainDesk\Sync\Laravel\SyncMetadata;
use Illuminate\Container\Container;
use Illuminate\Support\Carbon;

/** For the application's domain model: when it was synced, and whether that is long ago. */
trait SyncsWithRegistrar
{
    /**
     * Whether it was never synced, or last synced at least so many hours ago.
     *
     * @param int|null $minHours null for domain.sync_interval_hours
     */
    public function needsSync(?int $minHours = null): bool
    {
        $synced = $this->getAttribute('last_synced_at');
        if ($synced === null) {
            return true;
        }
        $minHours ??= Container::getInstance()->make(Settings::class)->intervalHours();
        $synced = $synced instanceof DateTimeInterface ? Carbon::instance($synced) : Carbon::parse($synced);

        return $synced->lessThanOrEqualTo(Carbon::now()->subHours($minHours));
    }

    /**
     * Notes that it was synced just now, and saves that. For code that brings a domain up to date by itself: the engine does
     * it for its own syncs.
     *
     * @param array<string, mixed> $metadata goes into sync_metadata. What else stands there stays, but for the marks of an
     *     earlier failure
     */
    public function markAsSynced(array $metadata = []): bool
    {
        $now = Carbon::now();
        $kept = SyncMetadata::of($this)->withoutFailure()->with(['synced_at' => $now->copy()->utc()->toIso8601String(), ...$metadata]);
        $kept->into($this);

        return $this->forceFill(['last_synced_at' => $now])->save();
    }
}
