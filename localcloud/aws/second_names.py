"""Types that the SDK has under two tokens: the newer one has the row, the other takes it."""

SECOND_NAMES = {
    **{
        f"aws:alb/{name}": f"aws:lb/{name}"
        for name in (
            "listener:Listener", "listenerCertificate:ListenerCertificate", "listenerRule:ListenerRule",
            "loadBalancer:LoadBalancer", "targetGroup:TargetGroup", "targetGroupAttachment:TargetGroupAttachment",
        )
    },
    **{
        f"aws:s3/{name[0].lower()}{name[1:]}V2:{name}V2": f"aws:s3/{name[0].lower()}{name[1:]}:{name}"
        for name in (
            "BucketAccelerateConfiguration", "BucketAcl", "BucketCorsConfiguration", "BucketLifecycleConfiguration",
            "BucketLogging", "BucketServerSideEncryptionConfiguration",
            "BucketVersioning", "BucketWebsiteConfiguration",
        )
    },
}  # fmt: skip
"""Second token -> the token that has a row."""
SECOND_FUNCTIONS = {
    f"aws:alb/{name}:{name}": f"aws:lb/{name}:{name}" for name in ("getListener", "getLoadBalancer", "getTargetGroup")
}
"""The same of functions."""
