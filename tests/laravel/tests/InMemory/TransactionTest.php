<?php

declare(strict_types=1);

namespace Tests\InMemory;

use App\Enums\DomainStatus;
use App\Models\AuditLog;
use App\Models\Domain;
use App\Models\Partner;
use App\Models\Registrar;
use App\Models\Tld;
use App\Models\TldPrice;
use App\Models\User;
use App\Services\RegistrarSyncService;
use Illuminate\Foundation\Testing\RefreshDatabase;
use Illuminate\Support\Facades\DB;
use Tests\TestCase;

/** As an application's own tests are: a database in memory, and one transaction a test. */
final class TransactionTest extends TestCase
{
    use RefreshDatabase;

    private Registrar $registrar;

    private RegistrarSyncService $service;

    protected function setUp(): void
    {
        parent::setUp();
        // Laravel 8 makes a new database in memory for each test, later versions one transaction: here are both.
        DB::beginTransaction();
        $this->beforeApplicationDestroyed(static fn () => DB::rollBack());
        $this->registrar = Registrar::query()->create(['name' => 'RC', 'slug' => 'resellerclub', 'credentials' => json_decode(self::given('DDS_CREDENTIALS'), true), 'is_active' => true]);
        $this->service = $this->app->make(RegistrarSyncService::class);
    }

    /** @param array<string, mixed> $attributes */
    private function domain(int $place, array $attributes = []): Domain
    {
        $partner = Partner::query()->firstOrCreate(['slug' => 'p'], ['name' => 'P', 'email' => 'p@example.com']);
        $client = User::query()->firstOrCreate(['email' => 'c@example.com'], ['name' => 'C', 'partner_id' => $partner->id]);
        $names = explode(',', self::given('DDS_DOMAINS'));

        return Domain::query()->create($attributes + [
            'name' => $names[$place], 'client_id' => $client->id, 'partner_id' => $partner->id,
            'registrar_id' => $this->registrar->id, 'status' => DomainStatus::Expired, 'expires_at' => now()->subDay(),
        ])->refresh();
    }

    public function testADomainIsSyncedOverTheApplicationsConnection(): void
    {
        $domain = $this->domain(0);
        $result = $this->service->syncDomain($domain);
        self::assertTrue($result['success'], json_encode($result));
        self::assertSame('active', $result['changes']['status']['new']);
        self::assertSame(DomainStatus::Active, $domain->status);
        self::assertTrue($domain->expires_at->isFuture());
        self::assertGreaterThan(0, $domain->nameservers()->count());
        self::assertSame(4, $domain->contacts()->count());
        self::assertSame(count($result['changes']), AuditLog::query()->where('action', 'sync_update')->count());
        self::assertTrue($this->service->syncDomain($domain)['skipped']);
        self::assertSame(1, DB::transactionLevel());
    }

    public function testNothingIsLeftOfTheTestBefore(): void
    {
        self::assertSame(0, Domain::query()->count());
        self::assertSame(0, $this->service->getStats()['total']);
        self::assertSame([], $this->service->getDomainsNeedingSync()->all());
    }

    public function testABatchIsSyncedWithProgressAndNestedTransactions(): void
    {
        foreach (range(0, 9) as $place) {
            $this->domain($place);
        }
        $seen = 0;
        $report = $this->service->syncDomains(Domain::query()->get(), true, static function (Domain $domain) use (&$seen): void {
            // A callback may have transactions of its own.
            DB::transaction(static function () use ($domain, &$seen): void {
                $seen += $domain->newQuery()->whereKey($domain->id)->whereNotNull('last_synced_at')->count();
            });
        });
        self::assertSame([10, 10], [$report['stats']['synced'], $seen], json_encode($report));
        self::assertSame(10, Domain::query()->where('status', 'active')->count());
        self::assertCount(0, $this->service->getDomainsNeedingSync());
    }

    public function testPricesAreSynced(): void
    {
        Tld::query()->create(['registrar_id' => $this->registrar->id, 'extension' => 'com', 'is_active' => true]);
        $report = $this->service->syncTldPrices($this->registrar);
        self::assertTrue($report['success'], json_encode($report));
        self::assertGreaterThan(0, TldPrice::query()->count());
        self::assertNotNull($this->registrar->last_sync_at);
    }

    public function testACommandWorksInTheTestsTransaction(): void
    {
        $this->domain(1);
        [$code, $said] = $this->artisanHere('domain:sync');
        self::assertSame(0, $code, $said);
        self::assertSame(DomainStatus::Active, Domain::query()->first()->status);
    }

    public function testTheMigrationOfThePackageAddsWhatIsMissing(): void
    {
        $columns = DB::getSchemaBuilder()->getColumnListing('domains');
        self::assertContains('last_synced_at', $columns);
        self::assertContains('sync_metadata', $columns);
        $indexes = DB::select("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'domains'");
        self::assertContains('domains_last_synced_at_id_index', array_column($indexes, 'name'));
    }
}
