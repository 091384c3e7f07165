<?php

declare(strict_types=1);

namespace Tests\Whole;

use App\Models\Domain;
use Illuminate\Database\Eloquent\Collection;
use Illuminate\Support\Facades\Artisan;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Schema;
use Tests\TestCase;

/** On a database that is in step with a simulated registrar, and that every test leaves changed. */
abstract class WholeTestCase extends TestCase
{
    protected function setUp(): void
    {
        parent::setUp();
        if (!Schema::hasTable('jobs')) {
            Artisan::call('migrate', ['--force' => true, '--path' => 'database/migrations/2025_01_02_000000_create_jobs_tables.php']);
        }
        DB::table('jobs')->delete();
        DB::table('failed_jobs')->delete();
        DB::table('domains')->update(['last_synced_at' => null, 'sync_metadata' => null]);
    }

    /** Domains in step with the registrar, active and without privacy, that no other test has. @return Collection<int, Domain> */
    protected function domains(int $count): Collection
    {
        static $taken = 0;
        $names = array_slice(explode(',', self::given('DDS_DOMAINS')), $taken, $count);
        $domains = Domain::query()->whereIn('name', $names)->orderBy('id')->get();
        $taken += $count;
        self::assertCount($count, $domains);

        return $domains;
    }

    /** What Eloquent does not see: the row as the database has it. @return array<string, mixed> */
    protected static function row(Domain $domain): array
    {
        return (array) DB::table('domains')->find($domain->getKey());
    }
}
