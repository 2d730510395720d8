"""Autoscalers of Kubernetes in the forms in which public charts and guides have them: our own words and names, the forms theirs.

| sample | form | seen in | licence |
|---|---|---|---|
| `quick` | v2, one metric, in braces | kubernetes/website, `application/hpa/php-apache.yaml` | CC BY 4.0 |
| `front` | v2beta1, `targetAverageUtilization` | knative/serving, `activator-hpa.yaml` | Apache-2.0 |
| `steady` | v2 of a chart beside its Deployment, `behavior` | istio/istio, istio-discovery, `autoscale.yaml` | Apache-2.0 |
| `catalogue` | v2beta2, three metrics, one an amount, one of pods | stefanprodan/podinfo, `charts/podinfo` | Apache-2.0 |
| `hooks` | v1 with a second metric in an annotation | GoogleCloudPlatform/k8s-config-connector, cnrm-webhook | Apache-2.0 |
| `consumer` | v2beta2, External, nothing else | guides of RabbitMQ's and of queue metrics | format alone |
| `sidecar` | v2, one container, scale-in switched off | kubernetes/website, container resource metrics, `selectPolicy` | CC BY 4.0 |
| `bare` | v2 without `metrics` and `minReplicas` | API reference of Kubernetes | CC BY 4.0 |
| `listed` | a list as the API answers it | API reference of Kubernetes | CC BY 4.0 |
"""

from __future__ import annotations

import json

QUICK = """\
---
{
  apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler",
  metadata: { name: "quick" },
  spec: {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "quick" },
    minReplicas: 1, maxReplicas: 10,
    metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } }],
  },
}
"""
FRONT = """\
apiVersion: autoscaling/v2beta1
kind: HorizontalPodAutoscaler
metadata: { name: front, namespace: edge, labels: { release: devel } }
spec:
  minReplicas: 1
  maxReplicas: 20
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: front }
  metrics:
    - type: Resource
      resource:
        name: cpu
        # percent of what is requested
        targetAverageUtilization: 100
"""
STEADY = """\
---
# Source: steady/templates/service.yaml
apiVersion: v1
kind: Service
metadata: { name: steady }
spec: { ports: [{ port: 80 }] }
---
# Source: steady/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata: { name: steady }
spec: { replicas: 2, template: { spec: { containers: [{ name: steady, resources: { requests: { cpu: 500m } } }] } } }
---
# Source: steady/templates/autoscale.yaml
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: steady, labels: { app: steady } }
spec:
  maxReplicas: 5
  minReplicas: 2
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: steady }
  metrics:
  - type: Resource
    resource: { name: cpu, target: { type: Utilization, averageUtilization: 80 } }
  behavior:
    scaleDown:
      stabilizationWindowSeconds: 600
      policies: [{ type: Pods, value: 1, periodSeconds: 120 }]
    scaleUp:
      stabilizationWindowSeconds: 0
      selectPolicy: Max
      policies: [{ type: Percent, value: 100, periodSeconds: 15 }, { type: Pods, value: 4, periodSeconds: 15 }]
---
"""
CATALOGUE = """\
apiVersion: autoscaling/v2beta2
kind: HorizontalPodAutoscaler
metadata: { name: release-catalogue }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: catalogue }
  minReplicas: 2
  maxReplicas: 12
  metrics:
  - { type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: "99" } } }
  - { type: Resource, resource: { name: memory, target: { type: AverageValue, averageValue: 200Mi } } }
  - { type: Pods, pods: { metric: { name: http_requests }, target: { type: AverageValue, averageValue: 10 } } }
"""
HOOKS = """\
apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata:
  annotations:
    autoscaling.alpha.kubernetes.io/behavior: '{"ScaleDown":{"SelectPolicy":"Disabled"}}'
    autoscaling.alpha.kubernetes.io/metrics: '[{"type":"Resource","resource":{"name":"memory","targetAverageUtilization":70}},
      {"type":"Object","object":{"target":{"kind":"Service","name":"hooks"},"metricName":"calls","targetValue":"40"}}]'
  name: hooks
spec:
  maxReplicas: 20
  minReplicas: 2
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: hooks-manager }
  targetCPUUtilizationPercentage: 90
status: { currentReplicas: 2, desiredReplicas: 2 }
"""
CONSUMER = """\
apiVersion: autoscaling/v2beta2
kind: HorizontalPodAutoscaler
metadata: { name: consumer }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: consumer }
  minReplicas: 1
  maxReplicas: 10
  metrics:
    - type: External
      external:
        metric: { name: messages_ready, selector: { matchLabels: { queue: orders } } }
        target: { type: Value, value: 100 }
"""
SIDECAR = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: sidecar }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: StatefulSet, name: sidecar }
  minReplicas: 2
  maxReplicas: 50
  behavior: { scaleDown: { selectPolicy: Disabled }, scaleUp: { selectPolicy: Min } }
  metrics:
  - { type: ContainerResource, containerResource: { name: cpu, container: app, target: { type: Utilization, averageUtilization: 70 } } }
  - { type: Resource, resource: { name: memory, target: { type: Utilization, averageUtilization: 150 } } }
  - { type: Resource, resource: { name: ephemeral-storage, target: { type: Utilization, averageUtilization: 60 } } }
"""  # fmt: skip
BARE = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: bare }
spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: bare }, maxReplicas: 4 }
"""
LISTED = json.dumps({
    "kind": "HorizontalPodAutoscalerList", "apiVersion": "autoscaling/v1", "metadata": {"resourceVersion": "1"},
    "items": [{"metadata": {"name": name}, "spec": {"scaleTargetRef": {"kind": "Deployment", "name": name, "apiVersion": "apps/v1"},
        "minReplicas": 1, "maxReplicas": 6, "targetCPUUtilizationPercentage": target}} for name, target in (("one", 60), ("two", 75))],
})  # fmt: skip
CHART = """\
{{- if .Values.autoscaling.enabled }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "shop.fullname" . }}
spec:
  maxReplicas: {{ .Values.autoscaling.maxReplicas }}
{{- end }}
"""
"""What a chart has before it is rendered."""

SOURCES = {
    "quick": QUICK,
    "front": FRONT,
    "steady": STEADY,
    "catalogue": CATALOGUE,
    "hooks": HOOKS,
    "consumer": CONSUMER,
    "sidecar": SIDECAR,
    "bare": BARE,
    "listed": LISTED,
}
