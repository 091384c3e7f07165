<?php

declare(strict_types=1);

namespace DomainDesk\Bench\Eloquent;

use Illuminate\Database\Eloquent\Model;
use Illuminate\Database\Eloquent\Relations\BelongsTo;
use Illuminate\Database\Eloquent\Relations\HasMany;
use Illuminate\Database\Eloquent\SoftDeletes;

final class Domain extends Model
{
    use SoftDeletes;

    protected $table = 'domains';

    protected $guarded = [];

    protected $casts = [
        'registered_at' => 'datetime',
        'expires_at' => 'datetime',
        'last_synced_at' => 'datetime',
        'auto_renew' => 'boolean',
        'sync_metadata' => 'array',
    ];

    public function registrar(): BelongsTo
    {
        return $this->belongsTo(Registrar::class);
    }

    public function nameservers(): HasMany
    {
        return $this->hasMany(Nameserver::class)->orderBy('order');
    }

    public function contacts(): HasMany
    {
        return $this->hasMany(Contact::class)->orderBy('id');
    }
}
