with {{ component_figures(['obs_derived_merger', 'obs_derived_sum', 'obs_derived_level']) }},

{{ declared_slots(4) }},

{{ derived_ctes() }}

select * from derived
