<?php

declare(strict_types=1);

namespace Tests\Fake;

use App\Models\Domain;
use App\Services\RegistrarSyncService;
use DomainDesk\Sync\Laravel\Events\DomainStatusChanged;
use DomainDesk\Sync\Laravel\Events\DomainSyncFailed;
use DomainDesk\Sync\Laravel\Exceptions\ExtensionMissingException;
use DomainDesk\Sync\Laravel\Facades\RegistrarSync;
use DomainDesk\Sync\Laravel\Jobs\SyncDomainJob;
use Illuminate\Foundation\Testing\RefreshDatabase;
use Illuminate\Support\Facades\Event;
use PHPUnit\Framework\AssertionFailedError;
use Tests\TestCase;

/** RegistrarSync::fake() in a PHP that has no extension. */
final class FakeTest extends TestCase
{
    use RefreshDatabase;

    protected function setUp(): void
    {
        parent::setUp();
        self::assertFalse(extension_loaded('domaindesk_sync'));
    }

    private function domain(string $name): Domain
    {
        $partner = \App\Models\Partner::query()->firstOrCreate(['slug' => 'p'], ['name' => 'P', 'email' => 'p@example.com']);
        $client = \App\Models\User::query()->firstOrCreate(['email' => 'c@example.com'], ['name' => 'C', 'partner_id' => $partner->id]);
        $registrar = \App\Models\Registrar::query()->firstOrCreate(['slug' => 'resellerclub'], ['name' => 'RC']);

        return Domain::query()->create(['name' => $name, 'client_id' => $client->id, 'partner_id' => $partner->id, 'registrar_id' => $registrar->id]);
    }

    public function testWithoutTheFakeTheMissingExtensionIsNamed(): void
    {
        $this->expectException(ExtensionMissingException::class);
        $this->expectExceptionMessage('domaindesk_sync');
        $this->app->make(RegistrarSyncService::class)->getStats();
    }

    public function testItAnswersAsToldAndRemembers(): void
    {
        Event::fake([DomainStatusChanged::class, DomainSyncFailed::class]);
        $fake = RegistrarSync::fake([
            'moved.example' => ['changes' => ['status' => ['old' => 'active', 'new' => 'expired'], 'nameservers' => ['old' => ['a.example'], 'new' => ['b.example']]]],
            'broken.*' => ['error' => 'no such domain', 'error_code' => 'not_found'],
        ]);
        [$moved, $broken, $plain] = array_map([$this, 'domain'], ['moved.example', 'broken.example', 'plain.example']);
        $service = $this->app->make(RegistrarSyncService::class);
        $fake->assertNothingSynced();

        $result = $service->syncDomain($moved);
        self::assertSame('expired', $result['changes']['status']['new']);
        self::assertSame('["b.example"]', (string) $result['changes']['nameservers']['new']);
        $report = $service->syncDomains(Domain::query()->get(), true);
        self::assertSame([3, 2, 1, 1], [$report['stats']['total'], $report['stats']['synced'], $report['stats']['failed'], $report['stats']['changes']]);
        Event::assertDispatched(DomainStatusChanged::class, 2);
        Event::assertDispatched(DomainSyncFailed::class, static fn ($event) => $event->domainId === $broken->id);
        $fake->assertSynced('moved.example', 2);
        $fake->assertSynced($plain->id);
        $fake->assertSynced(static fn (?string $name): bool => $name === 'broken.example');
        $fake->assertSyncedCount(4);
        $fake->assertNotSynced('other.example');
        try {
            $fake->assertNothingSynced();
            self::fail('it was not noticed');
        } catch (AssertionFailedError $error) {
            self::assertStringContainsString('moved.example', $error->getMessage());
        }
    }

    public function testCommandsAndJobsUseItToo(): void
    {
        $fake = RegistrarSync::fake(['b.example' => new \RuntimeException('boom')]);
        $domain = $this->domain('a.example');
        self::assertSame(0, $this->artisanHere('domain:sync', ['domain' => 'a.example'])[0]);
        SyncDomainJob::dispatchSync($domain->id);
        $fake->assertSynced('a.example', 2);
        self::assertSame(0, $this->artisanHere('tld:sync-prices', ['registrar' => 'resellerclub'])[0]);
        $fake->assertPricesSynced('resellerclub');
        self::assertSame(0, $this->artisanHere('domain:review')[0]);
        $this->expectExceptionMessage('boom');
        RegistrarSync::syncDomain('b.example');
    }
}
