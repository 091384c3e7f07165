<?php

declare(strict_types=1);

namespace Tests\Whole;

use App\Models\Domain;
use Illuminate\Support\Carbon;
use Illuminate\Support\Facades\DB;

/** Every command for real, the package's and those that an application would write. */
final class CommandTest extends WholeTestCase
{
    public function testDomainSyncPrintsProgressChangesAndNumbers(): void
    {
        $domain = $this->domains(1)->first();
        DB::table('domains')->where('id', $domain->id)->update(['expires_at' => '2031-02-03 00:00:00']);
        [$code, $said] = $this->artisanProcess("domain:sync {$domain->name}");
        self::assertSame(0, $code, $said);
        self::assertStringContainsString('100%', $said);
        self::assertMatchesRegularExpression("/{$domain->name}\s*\| expires_at\s*\| 2031-02-03/", $said);
        self::assertMatchesRegularExpression('/Total\s*\| Synced\s*\| Changed/', $said);
        [$code, $said] = $this->artisanProcess('domain:sync --limit=15');
        self::assertSame(0, $code, $said);
        self::assertStringContainsString('15/15', $said);
        self::assertSame(16, Domain::query()->whereNotNull('last_synced_at')->count());
        [$code, $said] = $this->artisanProcess('domain:sync --force --limit=3 --partner=' . $domain->partner_id);
        self::assertSame(0, $code, $said);
        [$code, $said] = $this->artisanProcess('domain:sync --limit=nonsense');
        self::assertNotSame(0, $code);
        self::assertStringContainsString('--limit', $said);
        [$code, $said] = $this->artisanProcess('domain:sync nobody-has-this.example');
        self::assertSame(1, $code, $said);
    }

    public function testADryRunWritesNothingAndItsExitCodeTells(): void
    {
        $domain = $this->domains(1)->first();
        [$code, $said] = $this->artisanProcess("domain:sync {$domain->name} --dry-run --force");
        self::assertSame(0, $code, $said);
        DB::table('domains')->where('id', $domain->id)->update(['expires_at' => '2031-02-03 00:00:00']);
        $before = self::row($domain);
        [$code, $said] = $this->artisanProcess("domain:sync {$domain->name} --dry-run --force");
        self::assertSame(2, $code, $said);
        self::assertStringContainsString('2031-02-03', $said);
        self::assertSame($before, self::row($domain));
        self::assertSame(1, $this->artisanProcess("domain:sync {$domain->name} --dry-run --force", ['RESELLERCLUB_API_URL' => 'http://127.0.0.1:1/'])[0]);
    }

    public function testStatusesAndPricesAreSynced(): void
    {
        $domain = $this->domains(1)->first();
        DB::table('domains')->where('id', $domain->id)->update(['expires_at' => Carbon::now()->addDays(3)]);
        DB::table('domains')->where('id', $domain->id)->update(['status' => 'active']);
        [$code, $said] = $this->artisanProcess('domain:sync-status --days=5');
        self::assertSame(0, $code, $said);
        self::assertNotNull($domain->refresh()->last_synced_at);
        [$code, $said] = $this->artisanProcess('domain:sync-status --all --limit=7');
        self::assertSame(0, $code, $said);
        self::assertStringContainsString('7/7', $said);
        DB::table('tld_prices')->delete();
        [$code, $said] = $this->artisanProcess('tld:sync-prices resellerclub --force');
        self::assertSame(0, $code, $said);
        self::assertMatchesRegularExpression('/resellerclub: \d+ TLDs, [1-9]\d* prices changed/', $said);
        self::assertSame(1, $this->artisanProcess('tld:sync-prices nobody')[0]);
    }

    public function testReviewsAreListedAndTakenBack(): void
    {
        $domain = $this->domains(1)->first();
        DB::table('domains')->where('id', $domain->id)->update(['sync_metadata' => json_encode(['needs_review' => true, 'review_reason' => 'somebody moved it', 'review_since' => '2026-11-01T00:00:00+00:00'])]);
        [$code, $said] = $this->artisanProcess('domain:review');
        self::assertSame(0, $code, $said);
        self::assertStringContainsString('somebody moved it', $said);
        [, $said] = $this->artisanProcess("domain:review {$domain->name} --clear");
        self::assertStringContainsString('1 domains are tried again', $said);
        self::assertStringContainsString('No domain asks for a look', $this->artisanProcess('domain:review')[1]);
    }

    public function testTheCheckTellsWhatIsThereAndWhatIsNot(): void
    {
        [$code, $said] = $this->artisanProcess('domain-sync:check');
        self::assertSame(0, $code, $said);
        foreach (['extension', 'database', 'clock', 'registrar resellerclub'] as $what) {
            self::assertMatchesRegularExpression("/{$what}\s*\| ok/", $said);
        }
        [$code, $said] = $this->artisanProcess('domain-sync:check', ['RESELLERCLUB_API_URL' => 'http://127.0.0.1:1/']);
        self::assertSame(1, $code, $said);
        self::assertMatchesRegularExpression('/registrar resellerclub\s*\| failed\s*\| network/', $said);
        [$code, $said] = $this->artisanProcess('domain-sync:check', ['APP_KEY' => 'base64:' . base64_encode(str_repeat('x', 32))]);
        self::assertSame(1, $code, $said);
    }

    public function testTheApplicationsOwnCommandsComeFirstAndWorkWithTheService(): void
    {
        $own = ['APP_OWN_COMMANDS' => '1'];
        $domain = $this->domains(1)->first();
        DB::table('domain_nameservers')->where('domain_id', $domain->id)->where('order', 1)->update(['nameserver' => 'old.example']);
        [$code, $said] = $this->artisanProcess("domain:sync {$domain->name} --force", $own);
        self::assertSame(0, $code, $said);
        // Lists are collections, which an application writes into a text.
        self::assertMatchesRegularExpression("/{$domain->name}: nameservers: \\[.*old.example.*\\] -> \\[/", $said);
        [$code, $said] = $this->artisanProcess('domain:sync-status --all --limit=2', $own);
        self::assertSame(0, $code, $said);
        self::assertMatchesRegularExpression('/: (active|expired|grace_period|redemption|suspended|pending_\w+|transfer\w+)/', $said);
        [$code, $said] = $this->artisanProcess('tld:sync-prices --force', $own);
        self::assertSame(0, $code, $said);
        self::assertMatchesRegularExpression('/\d+ prices changed/', $said);
    }

    public function testTheScheduleIsThatOfTheDocumentation(): void
    {
        [$code, $said] = $this->artisanProcess('schedule:list');
        self::assertSame(0, $code, $said);
        foreach (['0 2 * * *' => 'domain:sync-status --days=30 --limit=200', '0 3 * * 0' => 'domain:sync --limit=500', '0 4 * * *' => 'tld:sync-prices'] as $time => $command) {
            self::assertMatchesRegularExpression('/' . preg_quote($command, '/') . '.*' . preg_quote($time, '/') . '|' . preg_quote($time, '/') . '.*' . preg_quote($command, '/') . '/', $said);
        }
        // At two in the morning it runs in the background, by itself.
        $domain = $this->domains(1)->first();
        DB::table('domains')->where('id', $domain->id)->update(['expires_at' => Carbon::now()->addDays(3)]);
        Carbon::setTestNow(Carbon::now()->setTime(2, 0));
        try {
            [$code, $said] = $this->artisanHere('schedule:run');
        } finally {
            Carbon::setTestNow();
        }
        self::assertStringContainsString('domain:sync-status', $said);
        for ($tries = 0; $tries < 300 && $domain->refresh()->last_synced_at === null; $tries++) {
            usleep(100_000);
        }
        self::assertNotNull($domain->last_synced_at, $said);
    }
}
