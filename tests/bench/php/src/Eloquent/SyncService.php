<?php

declare(strict_types=1);

namespace DomainDesk\Bench\Eloquent;

use DomainDesk\Bench\Arguments;
use DomainDesk\Bench\Comparison;
use DomainDesk\Bench\Metadata;
use DomainDesk\Bench\Meter;
use DomainDesk\Bench\RegistrarError;
use DomainDesk\Bench\RemoteDomain;
use DomainDesk\Bench\ResellerClub;
use Illuminate\Database\ConnectionInterface;
use Illuminate\Support\Carbon;

/** Syncs one domain after the other, each in a transaction of its own. */
final class SyncService
{
    /** @var array<int, ResellerClub> the registrars' APIs by registrar id */
    private array $apis = [];

    public function __construct(
        private readonly ConnectionInterface $connection,
        private readonly Arguments $arguments,
        private readonly Meter $meter,
        private readonly bool $hasAppKey,
    ) {
    }

    public function syncDomain(Domain $domain): void
    {
        $this->meter->domains++;
        try {
            $api = $this->api($domain->registrar);
            $details = $api->detailsByOrderId($api->orderId($domain->name));
        } catch (RegistrarError $error) {
            $this->meter->failed++;
            $domain->update(['sync_metadata' => Metadata::failed($domain->sync_metadata ?? [], $error, Carbon::now('UTC'))]);

            return;
        }
        $remote = RemoteDomain::read($details, $domain->status, time());
        $changes = $this->connection->transaction(fn (): array => $this->write($domain, $remote));
        if ($changes !== []) {
            $this->meter->changed++;
        }
    }

    /** @return array<string, array{0: mixed, 1: mixed}> the old and the new value by field */
    private function write(Domain $domain, RemoteDomain $remote): array
    {
        $changes = [];
        $status = Comparison::status($domain->status, $remote);
        if ($status !== null) {
            $changes['status'] = [$domain->status, $status];
            $domain->status = $status;
        }
        $localDay = $domain->expires_at?->format('Y-m-d');
        if (Comparison::expiryMoved($localDay, $remote)) {
            $changes['expires_at'] = [$localDay, $remote->expiresAt->format('Y-m-d')];
            $domain->expires_at = $remote->expiresAt;
        }
        $hosts = $domain->nameservers->pluck('nameserver')->all();
        if (Comparison::nameserversDiffer($hosts, $remote)) {
            $changes['nameservers'] = [$hosts, $remote->nameservers];
            $this->replaceNameservers($domain, $remote->nameservers);
        }
        foreach ($remote->contacts as $type => $contact) {
            $change = $this->writeContact($domain, $type, $contact);
            if ($change !== null) {
                $changes["contacts.$type"] = $change;
            }
        }
        foreach ($changes as $field => [$old, $new]) {
            AuditLog::query()->create([
                'user_id' => null,
                'partner_id' => $domain->partner_id,
                'action' => 'sync_update',
                'auditable_type' => 'App\\Models\\Domain',
                'auditable_id' => $domain->id,
                'old_values' => [$field => $old],
                'new_values' => [$field => $new],
            ]);
        }
        $now = Carbon::now('UTC');
        $domain->last_synced_at = $now;
        $domain->sync_metadata = Metadata::synced($domain->sync_metadata ?? [], $remote, count($changes), $now);
        $domain->save();

        return $changes;
    }

    /** @param list<string> $hosts */
    private function replaceNameservers(Domain $domain, array $hosts): void
    {
        $domain->nameservers()->delete();
        foreach ($hosts as $index => $host) {
            $domain->nameservers()->create(['nameserver' => $host, 'order' => $index + 1]);
        }
    }

    /**
     * @param array<string, string> $remote
     * @return ?array{0: ?array<string, ?string>, 1: array<string, string>} the old and the new values, if any changed
     */
    private function writeContact(Domain $domain, string $type, array $remote): ?array
    {
        $local = $domain->contacts->firstWhere('type', $type);
        if ($local === null) {
            if (!Comparison::isWholeContact($remote)) {
                return null;
            }
            $domain->contacts()->create(['type' => $type, ...$remote]);

            return [null, $remote];
        }
        $new = Comparison::contact($local->getAttributes(), $remote);
        if ($new === []) {
            return null;
        }
        $old = $local->only(array_keys($new));
        $local->update($new);

        return [$old, $new];
    }

    private function api(Registrar $registrar): ResellerClub
    {
        return $this->apis[$registrar->id] ??= new ResellerClub(
            $this->arguments->url,
            $this->hasAppKey ? $registrar->credentials['auth_userid'] : $this->arguments->authUserid,
            $this->hasAppKey ? $registrar->credentials['api_key'] : $this->arguments->apiKey,
            $this->meter,
            keepAlive: false,
        );
    }
}
