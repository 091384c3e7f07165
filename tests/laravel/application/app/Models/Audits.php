<?php

declare(strict_types=1);

namespace App\Models;

/** Writes an audit row for every change of a model. */
trait Audits
{
    public static function bootAudits(): void
    {
        static::updated(static function (self $model): void {
            $new = $model->getChanges();
            AuditLog::query()->create([
                'partner_id' => $model->getAttribute('partner_id'),
                'action' => 'updated',
                'auditable_type' => static::class,
                'auditable_id' => $model->getKey(),
                'old_values' => array_intersect_key($model->getOriginal(), $new),
                'new_values' => $new,
            ]);
        });
    }
}
