<?php

declare(strict_types=1);

namespace Tests\Whole;

use App\Enums\DomainStatus;
use App\Models\AuditLog;
use App\Models\Domain;
use App\Models\DomainContact;
use App\Models\Registrar;
use App\Models\Tld;
use App\Models\TldPrice;
use App\Services\RegistrarSyncService;
use DomainDesk\Sync\Laravel\Events\DomainStatusChanged;
use DomainDesk\Sync\Laravel\Events\DomainSynced;
use DomainDesk\Sync\Laravel\Events\DomainSyncFailed;
use DomainDesk\Sync\Laravel\Events\TldPriceChanged;
use DomainDesk\Sync\RegistrarSyncInterface;
use Illuminate\Support\Collection;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Event;

/** The application's own service, which extends the package's and adds nothing. */
final class ServiceTest extends WholeTestCase
{
    private function service(): RegistrarSyncService
    {
        return $this->app->make(RegistrarSyncService::class);
    }

    public function testTheModelIsAsTheDatabaseHasItAfterASync(): void
    {
        $domain = $this->domains(1)->first()->load('nameservers', 'contacts');
        $expires = $domain->expires_at;
        $hosts = $domain->nameservers->pluck('nameserver')->all();
        DB::table('domains')->where('id', $domain->id)->update(['status' => 'suspended', 'expires_at' => '2031-02-03 04:05:06']);
        DB::table('domain_nameservers')->where('domain_id', $domain->id)->where('order', 1)->update(['nameserver' => 'moved.example']);
        $result = $this->service()->syncDomain($domain->refresh());

        self::assertTrue($result['success'], json_encode($result));
        self::assertEqualsCanonicalizing(['status', 'expires_at', 'nameservers'], array_keys($result['changes']));
        self::assertSame(['old' => 'suspended', 'new' => 'active'], $result['changes']['status']);
        self::assertInstanceOf(Collection::class, $result['changes']['nameservers']['new']);
        self::assertSame(DomainStatus::Active, $domain->status);
        self::assertTrue($domain->expires_at->equalTo($expires));
        self::assertSame($hosts, $domain->nameservers->pluck('nameserver')->all());
        self::assertNotNull($domain->last_synced_at);
        self::assertSame(3, $domain->sync_metadata['changes_detected']);
        self::assertSame($result['changes']['status']['old'], AuditLog::query()->where('auditable_id', $domain->id)->where('action', 'sync_update')->orderBy('id')->first()->old_values['status']);
        $again = $this->service()->syncDomain($domain);
        self::assertSame([true, true, 'Recently synced'], [$again['success'], $again['skipped'], $again['reason']]);
    }

    public function testWhatTheLibraryWroteIsAsIfEloquentHadWrittenIt(): void
    {
        $domains = $this->domains(3);
        DB::table('domains')->whereIn('id', $domains->modelKeys())->update(['expires_at' => '2031-02-03 04:05:06']);
        DB::table('domain_contacts')->whereIn('domain_id', $domains->modelKeys())->update(['city' => 'Elsewhere']);
        DB::table('domain_nameservers')->whereIn('domain_id', $domains->modelKeys())->delete();
        $report = $this->service()->syncDomains($domains, true);
        self::assertSame(3, $report['stats']['changes'], json_encode($report));
        foreach ($domains as $domain) {
            self::same($domain);
            foreach ($domain->nameservers()->get() as $nameserver) {
                self::same($nameserver);
            }
            foreach ($domain->contacts()->get() as $contact) {
                self::assertNotSame('Elsewhere', $contact->city);
                self::same($contact);
            }
            foreach (AuditLog::query()->where('auditable_id', $domain->id)->where('action', 'sync_update')->get() as $audit) {
                self::assertSame(Domain::class, $audit->auditable_type);
                self::same($audit);
            }
        }
        $tld = Tld::query()->firstOrFail();
        DB::table('tld_prices')->where('tld_id', $tld->id)->delete();
        $this->service()->syncTldPrices(Registrar::query()->firstOrFail(), null, true);
        $prices = TldPrice::query()->where('tld_id', $tld->id)->get();
        self::assertNotEmpty($prices);
        $prices->each(static fn (TldPrice $price) => self::same($price));
    }

    /** A copy that Eloquent saves has the same row, text for text. */
    private static function same(\Illuminate\Database\Eloquent\Model $model): void
    {
        $stored = (array) DB::table($model->getTable())->find($model->getKey());
        $copy = $model->newInstance();
        foreach (array_keys($stored) as $attribute) {
            if (!in_array($attribute, ['auth_code', 'id'], true)) {
                $copy->setAttribute($attribute, $model->fresh()->getAttribute($attribute));
            }
        }
        $model->newQuery()->getConnection()->beginTransaction();
        try {
            // The row itself, since names and places are unique.
            $copy->exists = true;
            $copy->setAttribute('id', $model->getKey());
            $copy->timestamps = false;
            $copy::withoutEvents(static fn () => $copy->save());
            $written = (array) DB::table($model->getTable())->find($model->getKey());
        } finally {
            $model->newQuery()->getConnection()->rollBack();
        }
        self::assertSame($stored, $written, get_class($model));
    }

    public function testABatchHasProgressWithModelsAndStopsWhenItIsTold(): void
    {
        $domains = $this->domains(6);
        $seen = [];
        $report = $this->service()->syncDomains($domains, false, static function (Domain $domain, array $result) use (&$seen): void {
            $seen[$domain->name] = $result['success'];
        });
        self::assertEqualsCanonicalizing($domains->pluck('name')->all(), array_keys($seen));
        self::assertSame(6, $report['stats']['synced']);
        self::assertNotNull($domains->first()->last_synced_at);
        $report = $this->service()->syncDomains($domains, true, static fn (): bool => false);
        self::assertTrue($report['cancelled']);
        $report = $this->service()->syncDomainStatuses($domains);
        self::assertSame(6, $report['stats']['total']);
    }

    public function testEventsTellWhatHappened(): void
    {
        Event::fake([DomainSynced::class, DomainStatusChanged::class, DomainSyncFailed::class, TldPriceChanged::class]);
        [$changed, $unknown] = $this->domains(2)->all();
        DB::table('domains')->where('id', $changed->id)->update(['status' => 'suspended']);
        DB::table('domains')->where('id', $unknown->id)->update(['name' => 'nobody-has-this.com']);
        $this->service()->syncDomains(Domain::query()->findMany([$changed->id, $unknown->id]), true);
        Event::assertDispatched(DomainStatusChanged::class, static fn ($event) => $event->domainId === $changed->id && $event->from === 'suspended' && $event->to === 'active' && $event->model()->is($changed));
        Event::assertDispatched(DomainSynced::class, 1);
        Event::assertDispatched(DomainSyncFailed::class, static fn ($event) => $event->domainId === $unknown->id);
        DB::table('tld_prices')->delete();
        $tlds = [];
        $this->service()->syncTldPrices(Registrar::query()->firstOrFail(), static function (Tld $tld) use (&$tlds): void {
            $tlds[] = $tld->extension;
        }, true);
        self::assertNotEmpty($tlds);
        Event::assertDispatched(TldPriceChanged::class);
        DB::table('domains')->where('id', $unknown->id)->update(['name' => $unknown->name]);
    }

    public function testAnotherPartnersDomainsAreHiddenByTheApplicationsScope(): void
    {
        $domain = $this->domains(1)->first();
        \App\Models\PartnerScope::$partner = $domain->partner_id;
        try {
            $due = $this->service()->getDomainsNeedingSync(50);
            self::assertNotEmpty($due);
            self::assertSame([$domain->partner_id], $due->pluck('partner_id')->unique()->values()->all());
        } finally {
            \App\Models\PartnerScope::$partner = null;
        }
        self::assertTrue($domain->needsSync(1));
        $domain->markAsSynced(['by' => 'hand']);
        self::assertFalse($domain->refresh()->needsSync(1));
        self::assertSame('hand', $domain->sync_metadata['by']);
        self::assertGreaterThan(0, $this->service()->getStats()['total']);
    }

    public function testARegistrarOfTheApplicationsOwnIsAskedThroughItsFactory(): void
    {
        $own = Registrar::query()->create(['name' => 'Own', 'slug' => 'homegrown', 'api_class' => \App\Services\Registrar\Homegrown::class, 'credentials' => ['token' => 'homemade'], 'is_active' => true]);
        $domain = $this->domains(1)->first();
        $domain->update(['registrar_id' => $own->id]);
        $this->app->forgetInstance(RegistrarSyncInterface::class);
        $result = $this->service()->syncDomain($domain->fresh(), true);
        self::assertTrue($result['success'], json_encode($result));
        self::assertSame('2030-05-06 07:08:09', $domain->refresh()->expires_at->utc()->format('Y-m-d H:i:s'));
        self::assertSame(['ns1.homegrown.example', 'ns2.homegrown.example'], $domain->nameservers->pluck('nameserver')->all());
        $own->update(['credentials' => ['token' => 'stolen'], 'is_active' => true]);
        $this->app->forgetInstance(RegistrarSyncInterface::class);
        $result = $this->service()->syncDomain($domain->fresh(), true);
        self::assertSame('auth', $result['error_code'], json_encode($result));
        $own->update(['is_active' => false]);
    }

    public function testAFurtherAccountAtANativeRegistrarIsNativeByItsClassOrItsDriver(): void
    {
        $club = Registrar::query()->where('slug', 'resellerclub')->firstOrFail();
        $second = Registrar::query()->create(['name' => 'Second', 'slug' => 'club-eu', 'credentials' => $club->credentials, 'is_active' => true]);
        $domain = $this->domains(1)->first();
        $domain->update(['registrar_id' => $second->id]);
        $sync = function () use ($domain): array {
            $this->app->forgetInstance(RegistrarSyncInterface::class);

            return $this->service()->syncDomain($domain->fresh(), true);
        };
        $there = config('registrar.registrars.resellerclub');
        config(['registrar.registrars.club-eu' => $there]);
        $second->update(['api_class' => 'App\\Services\\Registrar\\ResellerClubRegistrar']);
        self::assertTrue($sync()['success'], 'by its class');
        $second->update(['api_class' => null]);
        config(['registrar.registrars.club-eu' => $there + ['driver' => 'resellerclub']]);
        self::assertTrue($sync()['success'], 'by its driver');
        // A class that is only called alike is the application's own.
        config(['registrar.registrars.club-eu' => $there]);
        class_alias(\App\Services\Registrar\Homegrown::class, 'App\Services\Homemade\ResellerClub');
        $simulated = $second->credentials;
        $second->update(['api_class' => 'App\Services\Homemade\ResellerClub', 'credentials' => ['token' => 'homemade']]);
        self::assertTrue($sync()['success'], 'by its own class');
        self::assertSame('2030-05-06 07:08:09', $domain->refresh()->expires_at->utc()->format('Y-m-d H:i:s'));
        $second->update(['api_class' => null, 'credentials' => $simulated]);
        // And a class of the application's own comes before a native slug.
        $second->update(['is_active' => false]);
        $domain->update(['registrar_id' => $club->id]);
        $club->update(['api_class' => \App\Services\Registrar\Homegrown::class, 'credentials' => ['token' => 'homemade']]);
        try {
            self::assertTrue($sync()['success']);
            self::assertSame('2030-05-06 07:08:09', $domain->refresh()->expires_at->utc()->format('Y-m-d H:i:s'));
        } finally {
            $club->update(['api_class' => null, 'credentials' => $second->credentials]);
        }
    }

    public function testInsideATransactionItSeesAndJoinsIt(): void
    {
        $domain = $this->domains(1)->first();
        $before = self::row($domain);
        $result = null;
        try {
            DB::transaction(function () use ($domain, &$result): void {
                DB::table('domains')->where('id', $domain->id)->update(['status' => 'suspended']);
                $result = $this->service()->syncDomain($domain, true);
                self::assertSame(DomainStatus::Active, $domain->status);
                throw new \DomainException('taken back');
            });
        } catch (\DomainException) {
        }
        self::assertSame(['old' => 'suspended', 'new' => 'active'], $result['changes']['status']);
        self::assertSame($before, self::row($domain));
        // Outside of it the engine has a connection of its own again.
        self::assertTrue($this->service()->syncDomain($domain, true)['success']);
        self::assertNotSame($before, self::row($domain));
    }
}
