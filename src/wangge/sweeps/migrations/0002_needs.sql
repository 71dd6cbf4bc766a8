-- Needs are named by what somebody needs and no longer by an illness (people 0002): 行动不便, 就医绿色通道,
-- 需代配药 in place of 残疾人, 透析, 慢性病.
update sweeps_kind set special = '{reduced_mobility,infant,medical_lane,expecting,elder_alone}'
 where code = 'check';
update sweeps_kind set special = '{reduced_mobility,infant,medical_lane,expecting}'
 where code = 'testing';
update sweeps_kind
   set wanted = '{elder_alone,elder,reduced_mobility,hardship,child_alone,medical_lane,medicine}'
 where code = 'visit';
