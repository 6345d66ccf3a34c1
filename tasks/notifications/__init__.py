"""How people hear of things outside the product: by mail and by web push, each as they wish."""
