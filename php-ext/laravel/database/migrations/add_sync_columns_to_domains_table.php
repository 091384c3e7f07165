<?php

declare(strict_types=1);

use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\Schema;

/*
 * What the sync keeps on a domain, where the application's table lacks it, and the index by which the domains that are due
 * are found in a large table.
 */
return new class extends Migration
{
    private const INDEX = 'domains_last_synced_at_id_index';

    public function up(): void
    {
        $lacking = array_filter(
            ['last_synced_at', 'sync_metadata'],
            static fn (string $column): bool => !Schema::hasColumn('domains', $column)
        );
        Schema::table('domains', static function (Blueprint $table) use ($lacking): void {
            if (in_array('last_synced_at', $lacking, true)) {
                $table->timestamp('last_synced_at')->nullable();
            }
            if (in_array('sync_metadata', $lacking, true)) {
                $table->json('sync_metadata')->nullable();
            }
            $table->index(['last_synced_at', 'id'], self::INDEX);
        });
    }

    /** Takes back the index alone: the columns may have been there before, and hold what syncs found. */
    public function down(): void
    {
        Schema::table('domains', static function (Blueprint $table): void {
            $table->dropIndex(self::INDEX);
        });
    }
};
