<?php

declare(strict_types=1);

namespace Tests\Whole;

use App\Jobs\SyncDomain;
use App\Models\Domain;
use DomainDesk\Sync\Laravel\Jobs\SyncDomainJob;
use DomainDesk\Sync\Laravel\Jobs\SyncDomainsJob;
use Illuminate\Support\Facades\DB;

/** Jobs on a real worker. */
final class QueueTest extends WholeTestCase
{
    /** @param array<string, string> $environment @return array{0: int, 1: string} */
    private function work(string $more = '', array $environment = []): array
    {
        return $this->artisanProcess(trim("queue:work --once --queue=domain-sync --sleep=0 $more"), $environment);
    }

    public function testADomainIsSyncedByAWorker(): void
    {
        [$one, $other] = $this->domains(2)->all();
        SyncDomainJob::dispatch($one->id);
        SyncDomain::dispatch($other);
        self::assertSame(2, DB::table('jobs')->where('queue', 'domain-sync')->count());
        foreach ([$one, $other] as $domain) {
            [$code, $said] = $this->work();
            self::assertSame(0, $code, $said);
            self::assertNotNull($domain->refresh()->last_synced_at, $said);
        }
        self::assertSame(0, DB::table('jobs')->count());
    }

    public function testAFailureIsTriedAgainAndTheLastAsksAPerson(): void
    {
        $domain = $this->domains(1)->first();
        $down = ['RESELLERCLUB_API_URL' => 'http://127.0.0.1:1/'];
        SyncDomainJob::dispatch($domain->id, true);
        for ($try = 1; $try <= 3; $try++) {
            $job = DB::table('jobs')->first();
            self::assertSame($try - 1, (int) $job->attempts);
            self::assertSame($try > 1, $job->available_at > time() + 200, 'five minutes between tries');
            DB::table('jobs')->update(['available_at' => time() - 1]);
            $this->work('', $down);
        }
        self::assertSame([0, 1], [DB::table('jobs')->count(), DB::table('failed_jobs')->count()]);
        $metadata = $domain->refresh()->sync_metadata;
        self::assertTrue($metadata['needs_review'], json_encode($metadata));
        self::assertStringContainsString($domain->name, $metadata['review_reason']);
    }

    public function testAChunkIsHandedOverAndADomainThatIsGoneIsNoFailure(): void
    {
        $domains = $this->domains(4);
        config(['domain.sync_batch_size' => 3]);
        self::assertSame(2, SyncDomainsJob::dispatchChunks([...$domains->modelKeys(), 999_999]));
        SyncDomainJob::dispatch(999_999);
        for ($job = 0; $job < 3; $job++) {
            [$code, $said] = $this->work();
            self::assertSame(0, $code, $said);
        }
        self::assertSame([0, 0], [DB::table('jobs')->count(), DB::table('failed_jobs')->count()]);
        self::assertSame(4, Domain::query()->findMany($domains->modelKeys())->whereNotNull('last_synced_at')->count());
        [$code, $said] = $this->artisanProcess('domain:sync --queue --limit=60');
        self::assertSame(0, $code, $said);
        self::assertMatchesRegularExpression('/60 domains went to the queue in 1 jobs/', $said);
    }

    public function testTheWorkersAlarmFiresOnTime(): void
    {
        $domain = $this->domains(1)->first();
        SyncDomain::dispatch($domain);
        DB::table('jobs')->update(['payload' => DB::raw("replace(payload, '\"timeout\":120', '\"timeout\":1')")]);
        $start = microtime(true);
        // A worker that goes on and on is the one that sets alarms.
        $slow = ['RESELLERCLUB_API_URL' => self::given('DDS_SLOW_URL')];
        [$code] = $this->artisanProcess('queue:work --queue=domain-sync --sleep=0 --stop-when-empty', $slow);
        self::assertNotSame(0, $code);
        self::assertLessThan(6, microtime(true) - $start, 'the registrar is waited for ten seconds');
        self::assertNull($domain->refresh()->last_synced_at);
    }
}
