<?php

declare(strict_types=1);

namespace App\Models;

use App\Enums\DomainStatus;
use DomainDesk\Sync\Laravel\Concerns\SyncsWithRegistrar;
use Illuminate\Database\Eloquent\Model;
use Illuminate\Database\Eloquent\Relations\BelongsTo;
use Illuminate\Database\Eloquent\Relations\HasMany;
use Illuminate\Database\Eloquent\SoftDeletes;

final class Domain extends Model
{
    use Audits;
    use SoftDeletes;
    use SyncsWithRegistrar;

    protected $guarded = [];

    protected $hidden = ['auth_code'];

    protected $casts = [
        'status' => DomainStatus::class,
        'registered_at' => 'datetime',
        'expires_at' => 'datetime',
        'auto_renew' => 'boolean',
        'transfer_metadata' => 'array',
        'last_synced_at' => 'datetime',
        'sync_metadata' => 'array',
    ];

    protected static function booted(): void
    {
        self::addGlobalScope(new PartnerScope());
    }

    public function registrar(): BelongsTo
    {
        return $this->belongsTo(Registrar::class);
    }

    public function nameservers(): HasMany
    {
        return $this->hasMany(DomainNameserver::class)->orderBy('order');
    }

    public function contacts(): HasMany
    {
        return $this->hasMany(DomainContact::class)->orderBy('id');
    }
}
