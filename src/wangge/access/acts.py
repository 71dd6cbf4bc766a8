"""What may be done with accounts. Inviting and closing are the system administrator's, second
factors and sessions the security administrator's: neither can quietly become somebody else."""

from wangge.kernel.actors import Role, act

READ = act(
    "access.read",
    "查看账号和登录记录",
    Role.SYSTEM_ADMIN,
    Role.SECURITY_ADMIN,
    Role.AUDIT_ADMIN,
)
INVITE = act("access.invite", "开通账号、发邀请", Role.SYSTEM_ADMIN)
CLOSE = act("access.close", "停用和恢复账号", Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)
RESET_SECOND = act("access.reset_second_factor", "重置第二重验证", Role.SECURITY_ADMIN)
REVOKE_SESSION = act("access.revoke_session", "强制下线", Role.SECURITY_ADMIN)
TOKENS = act("access.manage_tokens", "管理接口密钥", Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)
